import type { TestContext } from 'node:test';
import { FakeClock, SeededRandom } from '@parley/testkit';
import { createLocalBus } from '../../src/bus/local-bus.ts';
import { type Chat, createChat } from '../../src/chat/chat.ts';
import type { PasswordHasher, Store } from '../../src/chat/ports/index.ts';
import { createDelivery, type Delivery } from '../../src/delivery/engine.ts';
import { type LogFields, type Logger, SILENT_LOG } from '../../src/observe/log.ts';
import type { SessionSettings } from '../../src/session/session-deps.ts';
import { createSessionLayer, type SessionLayer } from '../../src/session/session-layer.ts';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { atEnd, openTestStore } from '../store/sqlite/test-store.ts';
import { FakeLink, type FakeLinkOptions } from './fake-link.ts';
import { type Frame, NativeTester } from './native-tester.ts';

/** Hashes nothing: for tests whose point is elsewhere. Counts what was asked. */
export class PlainHasher implements PasswordHasher {
  readonly verified: (string | undefined)[] = [];
  /** Waited for before each answer. */
  gate: Promise<void> = Promise.resolve();

  async hash(password: string): Promise<string> {
    return `plain:${password}`;
  }

  async verify(password: string, hash: string | undefined): Promise<boolean> {
    this.verified.push(hash);
    await this.gate;
    return hash === `plain:${password}`;
  }
}

export const PASSWORD = 'long enough';

const SETTINGS: SessionSettings = {
  requestsPerSecond: 2_000,
  requestBurst: 10_000,
  loginTimeoutMs: 900_000,
  maxSessionsPerUser: 64,
  classicPaceMs: 20,
  classicFullAnswers: false,
  release: '0.0.0-test',
};

export interface TestNodeOptions {
  readonly settings?: Partial<SessionSettings>;
  readonly loginFailures?: number;
  /** Puts something before the store. */
  readonly wrap?: (store: SqliteStore) => Store;
}

/** Everything between the sockets and the disk of one node, with a clock that stands still. */
export class TestNode {
  readonly clock = new FakeClock();
  readonly hasher = new PlainHasher();
  /** What the server took for its own mistakes. */
  readonly mistakes: LogFields[] = [];
  readonly store: Store;
  readonly delivery: Delivery;
  readonly chat: Chat;
  readonly layer: SessionLayer;

  constructor(store: Store, { settings, loginFailures = 10 }: TestNodeOptions) {
    const { clock, hasher } = this;
    const log: Logger = { ...SILENT_LOG, error: (fields) => this.mistakes.push(fields) };
    const random = new SeededRandom(1);
    this.store = store;
    this.delivery = createDelivery({ store, bus: createLocalBus().join(), clock, log });
    const onError = (err: unknown): void => void this.mistakes.push({ err });
    const { delivery } = this;
    this.chat = createChat({ store, hasher, clock, random, loginFailures, delivery, onError });
    const settingsOfAll = { ...SETTINGS, ...settings };
    this.layer = createSessionLayer({ chat: this.chat, delivery, clock, random, log, settings: settingsOfAll });
  }

  link(options?: FakeLinkOptions): FakeLink {
    return new FakeLink(this.layer.open, options);
  }

  /** A native client that has not logged in. */
  native(options?: FakeLinkOptions): NativeTester {
    return new NativeTester(this.link(options));
  }

  /** A new account, logged in. */
  async user(name: string): Promise<NativeTester & { readonly id: number; readonly token: string }> {
    const tester = this.native();
    const { user, token } = await tester.ok('register', { name, password: PASSWORD });
    return Object.assign(tester, { id: user.id as number, token: token as string });
  }

  /** Another device of an account. */
  async login(user: string | number, options?: FakeLinkOptions): Promise<NativeTester & { readonly token: string }> {
    const tester = this.native(options);
    const { token } = await tester.ok('login', { user, password: PASSWORD });
    return Object.assign(tester, { token: token as string });
  }

  /** A group with these members, the first its owner; its address. */
  async group(name: string, members: readonly NativeTester[]): Promise<string> {
    const [owner, ...others] = members as [NativeTester, ...NativeTester[]];
    const { conversation } = await owner.ok('createGroup', { name, clientId: `create-${name}` });
    for (const [index, other] of others.entries()) {
      await other.ok('join', { group: conversation, clientId: `join-${name}-${index}` });
    }
    return conversation;
  }
}

export type User = Awaited<ReturnType<TestNode['user']>>;
export type { Frame };

/** A node whose store goes with the test. */
export async function openTestNode(t: TestContext, options: TestNodeOptions = {}): Promise<TestNode> {
  const store = await openTestStore(t);
  const node = new TestNode(options.wrap?.(store) ?? store, options);
  atEnd(t, async () => {
    node.layer.close();
    await node.delivery.drain();
  });
  return node;
}

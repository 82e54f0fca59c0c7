import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { MemberRole, Seq, Tag, UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  Cursor,
  GroupCreation,
  Store,
  UserRecord,
} from '@parley/server/ports';

/** Opens a store that ends with the test. */
export type OpenStore = (t: TestContext) => Promise<Store>;

/** What some stores can do for a test beside the port. */
export interface StoreTools {
  /** Moves the store's clock; the tests of it are left out when there is none. */
  readonly shiftClock?: (store: Store, byMs: number) => Promise<void>;
}

/** A person of a test. */
export type Person = Pick<UserRecord, 'id' | 'name'>;

export type Placed = Extract<AppendResult, { state: 'committed' | 'cancelled' }>;

export type Group = Conversation & { readonly kind: 'group' };

export const PAGE = { entries: 500, bytes: 1_000_000 } as const;

/** A plain number as a seq; nothing is checked. */
export const seqOf = (seq: number): Seq => seq as Seq;

/** A store with short ways to what tests need again and again. */
export class StoreFixture {
  readonly store: Store;
  #people = 0;

  private constructor(store: Store) {
    this.store = store;
  }

  static async open(t: TestContext, open: OpenStore): Promise<StoreFixture> {
    return new StoreFixture(await open(t));
  }

  async person(): Promise<Person> {
    this.#people += 1;
    const name = uniqueName(`p${this.#people}`);
    const id = await this.store.createUser({ name, key: name, passwordHash: 'hash' });
    assert.ok(id !== undefined);
    return { id, name };
  }

  people(count: number): Promise<Person[]> {
    return Promise.all(Array.from({ length: count }, () => this.person()));
  }

  async direct(one: Person, other: Person): Promise<Conversation> {
    const conversation = await this.store.openDirect(one.id, other.id);
    assert.ok(typeof conversation === 'object');
    return conversation;
  }

  /** A group of its creator. */
  async group(creator: Person): Promise<{ readonly group: Group; readonly cursor: Cursor }> {
    const name = uniqueName('group');
    const made = { creator: creator.id, name, key: name, description: 'about it', clientId: randomUUID(), hash: 1 };
    const creation = await this.store.createGroup(made);
    assert.ok(isGroup(creation));
    return { group: creation.conversation, cursor: creation.cursor };
  }

  /** A group of the first, into which the others come in order. */
  async groupOf(creator: Person, ...others: readonly Person[]): Promise<Group> {
    const { group } = await this.group(creator);
    await this.all(others.map((person) => join(group, person)));
    return group;
  }

  /** Commits one batch and returns its results. */
  async commit(...batch: readonly AppendRequest[]): Promise<readonly AppendResult[]> {
    const outcome = await this.store.commit(batch, 'main');
    assert.equal(outcome.state, 'done');
    if (outcome.state !== 'done') return [];
    return outcome.results.map((result) => {
      assert.ok(result !== undefined, 'no head is locked by anybody else');
      return result;
    });
  }

  /** Commits requests that must all be taken. */
  async all(batch: readonly AppendRequest[]): Promise<Placed[]> {
    return (await this.commit(...batch)).map(placed);
  }

  async one(request: AppendRequest): Promise<Placed> {
    const [result] = await this.all([request]);
    assert.ok(result !== undefined);
    return result;
  }

  /** Commits a request that must be refused, and returns why. */
  async refusal(request: AppendRequest): Promise<string> {
    const [result] = await this.commit(request);
    assert.equal(result?.state, 'refused');
    return result.code;
  }

  async roles(group: Group): Promise<Record<string, MemberRole>> {
    const members = await this.store.members(group.id, 0, 500);
    return Object.fromEntries(members.map(({ user, role }) => [user, role]));
  }

  async headSeq(conversation: { readonly id: ConversationId }): Promise<number> {
    const [head] = await this.store.heads([conversation.id]);
    return head?.seq ?? 0;
  }
}

/** Whether there is a group now, be it by this call or by an earlier one. */
export function isGroup(
  creation: GroupCreation,
): creation is Extract<GroupCreation, { state: 'created' | 'repeated' }> {
  return creation.state === 'created' || creation.state === 'repeated';
}

/** The result of a request that must have been taken; fails the test when it was refused. */
export function placed(result: AppendResult | undefined): Placed {
  assert.ok(result !== undefined && result.state !== 'refused', JSON.stringify(result));
  return result;
}

/** What a request says beside where and by whom; `hash` stands for all of it. */
export type Said = Partial<Pick<AppendRequest, 'clientId' | 'hash' | 'kind' | 'after' | 'text' | 'target' | 'role'>>;

/** A request with a client id of its own. Those that share a client id count as repeats unless `hash` differs. */
export function request(conversation: { readonly id: ConversationId }, author: Person, said: Said): AppendRequest {
  return {
    conversation: conversation.id,
    author: author.id,
    authorName: author.name,
    clientId: randomUUID(),
    hash: 7,
    kind: 'message',
    after: null,
    text: null,
    target: null,
    role: null,
    ...said,
  };
}

/** Says hello, or what is given. */
export function message(conversation: { readonly id: ConversationId }, author: Person, said: Said = {}): AppendRequest {
  return request(conversation, author, { text: 'hello', ...said });
}

/** The author comes in. */
export function join(conversation: { readonly id: ConversationId }, author: Person): AppendRequest {
  return request(conversation, author, { kind: 'join' });
}

/** The author goes. */
export function leave(conversation: { readonly id: ConversationId }, author: Person): AppendRequest {
  return request(conversation, author, { kind: 'leave' });
}

/** The author puts the target out. */
export function kick(conversation: { readonly id: ConversationId }, author: Person, target: Person): AppendRequest {
  return request(conversation, author, { kind: 'kick', target: target.id });
}

/** Asks that the author's client id never be committed. */
export function cancel(conversation: { readonly id: ConversationId }, author: Person, clientId: string): AppendRequest {
  return request(conversation, author, { kind: 'cancel', clientId });
}

export interface Grant {
  readonly target: Person;
  readonly role: MemberRole;
}

/** The author gives the target a role. */
export function setRole(conversation: Group, author: Person, { target, role }: Grant): AppendRequest {
  return request(conversation, author, { kind: 'role', target: target.id, role });
}

/** A name that no other test uses, in any run. */
export function uniqueName(start: string): string {
  return `${start} ${randomBytes(8).toString('hex')}`;
}

export const NO_VERSION = { rev: 0, tag: 0 as Tag } as const;

export const noSuchUser = 2_000_000_000 as UserId;
export const noSuchConversation = 2_000_000_000 as ConversationId;

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClientId, type Seq, type UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  CommitOutcome,
  Conversation,
  Entry,
  Store,
} from '../../../src/chat/ports/index.ts';

export type Direct = Extract<Conversation, { kind: 'direct' }>;

/** Two people who may write to each other. */
export async function openTalk(store: Store): Promise<Direct> {
  const [one, other] = await Promise.all([addPerson(store), addPerson(store)]);
  const opened = await store.openDirect(one, other);
  assert.ok(typeof opened === 'object' && opened.kind === 'direct');
  return opened;
}

export async function addPerson(store: Store): Promise<UserId> {
  const name = crypto.randomUUID();
  const id = await store.createUser({ name, key: name, passwordHash: '' });
  assert.ok(id !== undefined);
  return id;
}

/** What the person with the lower number says, unless somebody else is named. */
export function say({ id, low }: Direct, said: Partial<AppendRequest> = {}): AppendRequest {
  const clientId = createClientId();
  const plain = { hash: 7, kind: 'message', after: null, text: 'hello', target: null, role: null } as const;
  return { conversation: id, author: low, authorName: '', clientId, ...plain, ...said };
}

/** The results of a batch that must be committed. */
export function done(outcome: CommitOutcome): readonly (AppendResult | undefined)[] {
  assert.ok(outcome.state === 'done', JSON.stringify(outcome));
  return outcome.results;
}

/** Each result in a word: its seq, its refusal, or nothing. */
export function brief(results: readonly (AppendResult | undefined)[]): (number | string | undefined)[] {
  return results.map((result) => (result?.state === 'refused' ? result.code : result?.seq));
}

/** The whole log. */
export async function readLog(store: Store, { id }: { readonly id: Conversation['id'] }): Promise<readonly Entry[]> {
  const { entries } = await store.readForward(id, 1 as Seq, { entries: 100_000, bytes: 1e9 });
  return entries;
}

/** Waits until something holds, and fails after 20 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `still not: ${what}`);
    await sleep(10);
  }
}

import type { GroupId, Ord, Seq, Tag, UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  Cursor,
  Entry,
  EntryPage,
  Membership,
  Stay,
} from '../../src/chat/ports/index.ts';

export const ALICE = 1 as UserId;
export const BOB = 2 as UserId;

export const GROUP: Conversation = {
  kind: 'group',
  id: 7 as ConversationId,
  address: 'g7',
  group: 7 as GroupId,
};

export const DIRECT: Conversation = {
  kind: 'direct',
  id: 8 as ConversationId,
  address: 'd1-2',
  low: ALICE,
  high: BOB,
};

/** The tag that entry `seq` has unless a test says otherwise. */
export function tagOf(seq: number): Tag {
  return (seq === 0 ? 0 : 1_000 + seq) as Tag;
}

export function cursor(seq: number, tag: number = tagOf(seq)): Cursor {
  return { seq: seq as Seq, tag: tag as Tag };
}

export function seqOf(seq: number): Seq {
  return seq as Seq;
}

/** A message of Bob's to the group, unless told otherwise. */
export function entry(seq: number, different: Partial<Entry> = {}): Entry {
  return {
    conversation: GROUP.id,
    seq: seq as Seq,
    ord: seq as Ord,
    tag: tagOf(seq),
    kind: 'message',
    author: BOB,
    authorName: 'bob',
    clientId: `id-${seq}`,
    time: seq,
    text: `text ${seq}`,
    target: null,
    targetName: null,
    role: null,
    ...different,
  };
}

/** Entries `from` to `to`, both included. */
export function entries(from: number, to: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
}

export function kick(seq: number, target: UserId): Entry {
  return entry(seq, { kind: 'kick', target, text: null });
}

export function leave(seq: number, author: UserId): Entry {
  return entry(seq, { kind: 'leave', author, text: null });
}

/** What a read of a log from `from` on finds. */
export function pageOf(log: readonly Entry[], from: number, limit = 200): EntryPage {
  const last = log.at(-1);
  const head =
    last === undefined
      ? { seq: 0 as Seq, ord: 0 as Ord, tag: 0 as Tag }
      : { seq: last.seq, ord: last.ord, tag: last.tag };
  return { head, entries: log.filter(({ seq }) => seq >= from).slice(0, limit) };
}

/** `[1, 10]` and `[15]`: in from 1 to 10, and from 15 on. */
export function stays(...list: readonly (readonly [from: number, to?: number])[]): Stay[] {
  return list.map(([from, to]) => ({ from: from as Seq, to: (to ?? null) as Seq | null }));
}

export function membership(list: readonly Stay[], conversation: Conversation = GROUP): Membership {
  return { conversation, stays: list, readSeq: 0 as Seq, classicSeq: 0 as Seq };
}

/** A message of Alice's to the group, unless told otherwise. */
export function request(clientId: string, different: Partial<AppendRequest> = {}): AppendRequest {
  return {
    conversation: GROUP.id,
    author: ALICE,
    authorName: 'alice',
    clientId,
    hash: 0,
    kind: 'message',
    after: null,
    text: `text of ${clientId}`,
    target: null,
    role: null,
    ...different,
  };
}

export function placed(seq: number): AppendResult {
  const where = { seq: seq as Seq, ord: seq as Ord, tag: tagOf(seq), prevTag: tagOf(seq - 1) };
  return { state: 'committed', fresh: true, ...where, time: seq };
}

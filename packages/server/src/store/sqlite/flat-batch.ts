import type { ErrorCode, MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { CommitOutcome } from '../../chat/ports/log-store.ts';
import type { AppendRequest, AppendResult, ConversationId } from '../../chat/ports/records.ts';

/**
 * A batch as one flat array of plain values. Between threads that costs 0.3 µs a row; an array of objects costs
 * several times as much (measured, as were JSON and shared memory).
 */
export type Flat = (string | number | null)[];

const REQUEST_WIDTH = 9;
const RESULT_WIDTH = 7;

/** No row of this store is ever locked by somebody else, so every request has a result. */
export type Done = Extract<CommitOutcome, { state: 'done' }> & { readonly results: readonly AppendResult[] };

/** Appends the requests to `flat`. */
export function flattenRequests(batch: readonly AppendRequest[], flat: Flat): Flat {
  for (const { conversation, author, clientId, hash, kind, after, text, target, role } of batch) {
    flat.push(conversation, author, clientId, hash, kind, after, text, target, role);
  }
  return flat;
}

/** Reads them back, from an index on. */
export function unflattenRequests(flat: Flat, start: number): AppendRequest[] {
  const batch: AppendRequest[] = [];
  for (let at = start; at < flat.length; at += REQUEST_WIDTH) {
    batch.push({
      conversation: flat[at] as ConversationId,
      author: flat[at + 1] as UserId,
      // Not stored, so it does not cross.
      authorName: '',
      clientId: flat[at + 2] as string,
      hash: flat[at + 3] as number,
      kind: flat[at + 4] as AppendRequest['kind'],
      after: flat[at + 5] as string | null,
      text: flat[at + 6] as string | null,
      target: flat[at + 7] as UserId | null,
      role: flat[at + 8] as MemberRole | null,
    });
  }
  return batch;
}

/** Appends an outcome to `flat`: how many users changed, those, then the results. */
export function flattenDone({ results, changed }: Done, flat: Flat): Flat {
  flat.push(changed.length, ...changed);
  for (const result of results) {
    if (result.state === 'refused') {
      flat.push('refused', result.code, 0, 0, 0, 0, 0);
    } else {
      const { state, fresh, seq, ord, tag, prevTag, time } = result;
      flat.push(state, fresh ? 1 : 0, seq, ord, tag, prevTag, time);
    }
  }
  return flat;
}

/** Reads it back, from an index on. */
export function unflattenDone(flat: Flat, start: number): Done {
  const first = start + 1 + (flat[start] as number);
  const changed = flat.slice(start + 1, first) as UserId[];
  const results: AppendResult[] = [];
  for (let at = first; at < flat.length; at += RESULT_WIDTH) results.push(resultAt(flat, at));
  return { state: 'done', results, changed };
}

function resultAt(flat: Flat, at: number): AppendResult {
  const state = flat[at] as AppendResult['state'];
  if (state === 'refused') return { state, code: flat[at + 1] as ErrorCode };
  return {
    state,
    fresh: flat[at + 1] === 1,
    seq: flat[at + 2] as Seq,
    ord: flat[at + 3] as Ord,
    tag: flat[at + 4] as Tag,
    prevTag: flat[at + 5] as Tag,
    time: flat[at + 6] as number,
  };
}

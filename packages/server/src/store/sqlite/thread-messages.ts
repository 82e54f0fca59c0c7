import type { PlainFailure } from './failure.ts';
import type { Flat } from './flat-batch.ts';

/** To a thread: a call of one of its methods, or a batch (the rest of the array) for the log. */
export type ThreadRequest = [id: number, method: string, args: readonly unknown[]] | [id: number, 'commit', ...Flat];

/**
 * From a thread. `ready` and `broken` have id 0: it can be called; it has met an error after which the process must
 * end. `done` carries a batch's outcome, flat.
 */
export type ThreadReply =
  | [id: number, 'value', value: unknown]
  | [id: number, 'failure', failure: PlainFailure]
  | [id: number, 'done', ...Flat]
  | [id: 0, 'ready']
  | [id: 0, 'broken', failure: PlainFailure];

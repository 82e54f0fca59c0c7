import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '@parley/protocol';
import { PairCache } from './pair-cache.ts';
import { prepare } from './statement.ts';

/** Pairs kept in memory; twice as many at most. */
const KEPT = 50_000;

/** Who has blocked whom, as the writer asks inside a transaction. */
export interface Blocks {
  readonly has: (owner: UserId, peer: UserId) => boolean;
  /** Call after the edge was written. */
  readonly changed: (owner: UserId, peer: UserId) => void;
  readonly forget: () => void;
}

/** Remembers what it was asked, both ways; so it must be told of each change, and forget when the writer does. */
export function createBlocks(db: DatabaseSync): Blocks {
  const find = prepare(db, 'SELECT 1 FROM contact WHERE owner = ? AND peer = ? AND blocked = 1');
  const known = new PairCache<0 | 1>(KEPT, (owner, peer) => (find.get(owner, peer) === undefined ? 0 : 1));
  return {
    has: (owner, peer) => known.get(owner, peer) === 1,
    changed: (owner, peer) => known.delete(owner, peer),
    forget: () => known.clear(),
  };
}

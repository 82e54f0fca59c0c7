import type { Tag } from '@parley/protocol';

const pool = new Uint32Array(1_024);
let used = pool.length;

/** An unguessable tag: 1 to 2^32 − 1. Drawn in stock, because a call into the system costs more than a row. */
export function randomTag(): Tag {
  for (;;) {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const tag = pool[used] ?? 0;
    used += 1;
    if (tag !== 0) return tag as Tag;
  }
}

import { randomBytes, randomFillSync } from 'node:crypto';
import type { Tag } from '@parley/protocol';
import type { Random } from '../chat/ports/random.ts';

const TOKEN_BYTES = 32;

/** Numbers fetched from the system at once: one call for each tag would cost more than the rest of its message. */
const POOL = 1_024;

/** The system's chance, from its cryptographic generator where guessing would matter. */
export function createSystemRandom(): Random {
  const pool = new Uint32Array(POOL);
  let used = POOL;
  function next(): number {
    if (used === POOL) {
      randomFillSync(pool);
      used = 0;
    }
    used += 1;
    return pool[used - 1] as number;
  }
  return {
    tag() {
      let tag = next();
      // 0 stands for the place before the first entry.
      while (tag === 0) tag = next();
      return tag as Tag;
    },
    token: () => randomBytes(TOKEN_BYTES).toString('base64url'),
    fraction: () => Math.random(),
  };
}

import type { Tag } from '@parley/protocol';

/** Chance from outside, so that tests can repeat it. */
export interface Random {
  /** A tag: 1 to 2^32 − 1, unguessable enough that two histories never share one by accident. */
  tag(): Tag;
  /** A secret of 32 random bytes in base64url. */
  token(): string;
  /** 0 ≤ x < 1. */
  fraction(): number;
}

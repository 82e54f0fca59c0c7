import { createHash } from 'node:crypto';

/** How large the database is that a bench starts on. */
export interface WorldSize {
  /** Messages in direct conversations, spread evenly. */
  readonly messages: number;
  /** Direct conversations with messages; each busy user has 20 of them. */
  readonly conversations: number;
  /** Users in all. Those beyond the busy ones have two empty direct conversations each. */
  readonly users: number;
}

/** What the issue asks for; 8,000 more users so that thousands of sessions can be idle. */
export const FULL_WORLD: WorldSize = { messages: 1_000_000, conversations: 20_000, users: 10_000 };

/** Members of the two groups: users 1 to n. Group 1 is `g1`, group 2 is `g2`. */
export const GROUP_MEMBERS = [100, 1_000] as const;

/** Every user's password, of which the database holds one hash. */
export const PASSWORD = 'correct horse battery staple';

/** A busy user writes with the 10 before and the 10 after. */
const NEIGHBOURS = 10;

/** Users 1 to n of this world have 20 conversations each. */
export function busyUsers(size: WorldSize): number {
  return size.conversations / NEIGHBOURS;
}

/** The token of the one device that each user has. Known to anyone, as a bench's may be. */
export function tokenOf(user: number): string {
  return createHash('sha256').update(`token of bench user ${user}`).digest('base64url');
}

/** Pairs of users with a direct conversation, busy ones first: user 1 with 2, 3, … 11, user 2 with 3, … and so on, around. */
export function* directPairs(size: WorldSize): Generator<readonly [low: number, high: number]> {
  const busy = busyUsers(size);
  for (let user = 0; user < busy; user += 1) {
    for (let step = 1; step <= NEIGHBOURS; step += 1) yield ordered(user + 1, ((user + step) % busy) + 1);
  }
  const quiet = size.users - busy;
  if (quiet < 3) return;
  for (let user = 0; user < quiet; user += 1) yield ordered(busy + user + 1, busy + ((user + 1) % quiet) + 1);
}

function ordered(one: number, other: number): readonly [number, number] {
  return one < other ? [one, other] : [other, one];
}

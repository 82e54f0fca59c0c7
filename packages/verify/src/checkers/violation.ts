/** Every rule that is checked, with what it says. */
export const RULES = {
  acknowledged: 'what was acknowledged is in the database, under the numbers that were told',
  nodes: "every node's history and outcomes are the database's",
  delivered: 'every device got every entry that its user may see',
  once: 'no session got an entry twice, out of order, or passed over a hole that was not told',
  same: 'what was delivered is what the database has, for all alike',
  realTime: 'what was acknowledged before another was invoked stands before it',
  chain: 'what one device sent is in its order',
  phantom: 'nothing is there that was never sent, was cancelled, or was refused and not sent again',
  audience: 'nobody got what was said where or while he was not a member',
  forbidden: 'after a block, kick, leave or revoke was acknowledged nothing that it forbids was accepted',
  roles: 'nobody put out or raised whom he may not, and a group with members has one owner',
  repeats: 'a repeat got the first outcome, and the same id with another content none',
  cursors: 'read and delivered positions only move forward, and what was acknowledged is kept',
  dense: 'numbers are dense, times do not fall, heads are the last entries',
} as const;

export type RuleName = keyof typeof RULES;

/** Something that must not be, with all that leads to it. */
export interface Violation {
  readonly rule: RuleName;
  /** One sentence: who, which conversation, which seqs. */
  readonly what: string;
  readonly conversation?: string;
  readonly user?: number;
  readonly session?: number;
  readonly seqs?: readonly number[];
  readonly clientId?: string;
  /** Lines of the history that show it. */
  readonly lines: readonly number[];
}

import type { RowRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import type { Violation } from './violation.ts';

type Row = Placed<RowRecord>;

/** Of present members, by user. */
type Roles = Map<number, string>;

const RANKS = ['member', 'admin', 'owner'];

/**
 * Worked out from the entries alone: owners and admins put out those of lower rank, only the owner changes roles, and a
 * group with members has exactly one owner.
 */
export function* checkRoles(evidence: Evidence): Generator<Violation> {
  for (const [conversation, log] of evidence.history.logs) {
    if (!conversation.startsWith('g')) continue;
    const roles: Roles = new Map();
    for (const row of log.toSorted((one, other) => one.q - other.q)) {
      const complaint = whyNot(row, roles);
      follow(row, roles);
      const told = complaint ?? ownersOf(roles);
      if (told !== undefined) yield violation(row, told);
    }
  }
}

function whyNot({ kind, a, w, role }: Row, roles: Roles): string | undefined {
  if (kind !== 'kick' && kind !== 'role') return undefined;
  const mine = roles.get(a) ?? 'none';
  const theirs = roles.get(w ?? 0) ?? 'none';
  const isOver = RANKS.indexOf(mine) > RANKS.indexOf(theirs);
  if (kind === 'kick' && !isOver) return `user ${a} (${mine}) put user ${w} (${theirs}) out`;
  if (kind === 'role' && mine !== 'owner') return `user ${a} (${mine}) made user ${w} ${role}`;
  return undefined;
}

function follow({ kind, a, w, role }: Row, roles: Roles): void {
  if (kind === 'create' || kind === 'join') roles.set(a, role ?? (kind === 'create' ? 'owner' : 'member'));
  else if (kind === 'leave') roles.delete(a);
  else if (kind === 'kick') roles.delete(w ?? 0);
  // Who leaves names the next owner in the same entry.
  if ((kind === 'role' || kind === 'leave') && w !== undefined && role !== undefined) roles.set(w, role);
}

function ownersOf(roles: Roles): string | undefined {
  const owners = [...roles].filter(([, role]) => role === 'owner');
  if (roles.size === 0 || owners.length === 1) return undefined;
  return `the group has ${owners.length} owners (${owners.map(([user]) => `user ${user}`).join(', ')})`;
}

function violation({ c, q, a, i, line }: Row, what: string): Violation {
  const sentence = `${c}/${q}: ${what}`;
  return { rule: 'roles', what: sentence, conversation: c, user: a, clientId: i, seqs: [q], lines: [line] };
}

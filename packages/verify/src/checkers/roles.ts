import type { RowRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import type { Violation } from './violation.ts';

type Row = Placed<RowRecord>;

/** Of present members, by user, who has been there longest first. */
type Roles = Map<number, string>;

const RANKS = ['member', 'admin', 'owner'];

/**
 * Worked out from the entries alone: owners and admins put out those of lower rank, only the owner changes roles, an owner
 * who leaves is followed by the admin, else the member, who has been there longest, and a group with members has exactly
 * one owner.
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
  const mine = roles.get(a) ?? 'none';
  const theirs = roles.get(w ?? 0) ?? 'none';
  const who = `user ${a} (${mine})`;
  const whom = `user ${w} (${theirs})`;
  switch (kind) {
    case 'join':
      return role === undefined || role === firstRoleIn(roles) ? undefined : `user ${a} came in as ${role}`;
    case 'kick':
      return mine !== 'member' && theirs !== 'none' && isOver(mine, theirs) ? undefined : `${who} put ${whom} out`;
    case 'role':
      return mine === 'owner' && theirs !== 'none' ? undefined : `${who} made ${whom} ${role}`;
    case 'leave': {
      const heir = mine === 'owner' ? heirOf(a, roles) : undefined;
      return w === undefined || w === heir ? undefined : `${who} left it to user ${w}, and not to user ${heir}`;
    }
    default:
      return undefined;
  }
}

function isOver(mine: string, theirs: string): boolean {
  return RANKS.indexOf(mine) > RANKS.indexOf(theirs);
}

/** Whoever comes into an empty group owns it. */
function firstRoleIn(roles: Roles): string {
  return roles.size === 0 ? 'owner' : 'member';
}

/** The admin, else the member, who has been there longest. */
function heirOf(leaving: number, roles: Roles): number | undefined {
  const others = [...roles].filter(([user]) => user !== leaving);
  const [heir] = others.find(([, role]) => role === 'admin') ?? others[0] ?? [];
  return heir;
}

function follow({ kind, a, w, role }: Row, roles: Roles): void {
  if (kind === 'create') roles.set(a, role ?? 'owner');
  else if (kind === 'join') roles.set(a, role ?? firstRoleIn(roles));
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

import type { MemberRole } from '@parley/protocol';

/** Roles as the tables hold them, so that they sort by rank. */
const CODES = { member: 0, admin: 1, owner: 2 } as const satisfies Record<MemberRole, number>;

const ROLES: readonly MemberRole[] = ['member', 'admin', 'owner'];

/** The number for a table: the higher the role, the greater. */
export function roleCode(role: MemberRole): number {
  return CODES[role];
}

/** A code of a later release counts as plain membership. */
export function roleOf(code: number): MemberRole {
  return ROLES[code] ?? 'member';
}

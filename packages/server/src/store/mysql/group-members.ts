import type { MemberRole, UserId } from '@parley/protocol';
import type { MembershipChange } from '../../chat/append-plan.ts';

const RANK: Readonly<Record<MemberRole, number>> = { member: 0, admin: 1, owner: 2 };

interface Member {
  role: MemberRole;
  readonly from: number;
}

/** All present members of a group with the seq that they came in with. */
export class GroupMembers {
  readonly #members = new Map<UserId, Member>();

  add(user: UserId, role: MemberRole, from: number): void {
    this.#members.set(user, { role, from });
  }

  note({ user, does, role }: MembershipChange, seq: number): void {
    const member = this.#members.get(user);
    if (does === 'enter') this.add(user, role, seq);
    else if (does === 'exit') this.#members.delete(user);
    else if (member !== undefined) member.role = role;
  }

  /** Who becomes owner when `leaving` goes: the admin, else the member, who has been there longest. [GROUP-2] */
  heir(leaving: UserId): UserId | undefined {
    let best: Candidate | undefined;
    for (const [user, { role, from }] of this.#members) {
      const candidate = { user, rank: RANK[role], from };
      if (user !== leaving && (best === undefined || compare(candidate, best) < 0)) best = candidate;
    }
    return best?.user;
  }
}

interface Candidate {
  readonly user: UserId;
  readonly rank: number;
  readonly from: number;
}

/** Below 0 when the first comes before the second. */
function compare(one: Candidate, other: Candidate): number {
  return other.rank - one.rank || one.from - other.from || one.user - other.user;
}

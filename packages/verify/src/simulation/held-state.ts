import type { UserId } from '@parley/protocol';
import type { StatePage } from '@parley/server/ports';
import type { Member, Tables } from './tables.ts';

const NONE = 'none';

/** An account's private state as one device was told it: where its user is a member and as what, and whom he blocks. */
export class HeldState {
  /** What he is in each conversation. */
  readonly #rows = new Map<string, string>();
  readonly #blocked = new Set<number>();

  take({ full, rows }: StatePage): void {
    if (full) {
      this.#rows.clear();
      this.#blocked.clear();
    }
    for (const row of rows) {
      if (row.row === 'conversation') this.#rows.set(row.conversation.address, row.left ? NONE : row.role);
      else if (row.contact.blocked) this.#blocked.add(row.contact.user);
      else this.#blocked.delete(row.contact.user);
    }
  }

  /** Whether it is what is stored. Positions are told late, after one's own messages not at all. */
  isCurrent(user: UserId, { logs, blocks }: Tables): boolean {
    const standings = new Map<string, string>();
    for (const { conversation, members } of logs.values()) {
      const member = members.get(user);
      if (member !== undefined && !isPast(member)) standings.set(conversation.address, member.role);
    }
    const told = [...this.#rows].filter(([, standing]) => standing !== NONE);
    const blocked = [...blocks.values()].filter(({ owner, holds }) => owner === user && holds);
    return (
      told.length === standings.size &&
      told.every(([address, standing]) => standings.get(address) === standing) &&
      blocked.length === this.#blocked.size &&
      blocked.every(({ peer }) => this.#blocked.has(peer))
    );
  }
}

function isPast({ stays }: Member): boolean {
  return stays.at(-1)?.to !== null;
}

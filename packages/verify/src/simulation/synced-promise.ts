import type { SyncCursor, UserId } from '@parley/protocol';
import type { ConversationId, Stay } from '@parley/server/ports';
import type { Log, Tables } from './tables.ts';

interface Promised {
  /** The last entry that the node has committed and acknowledged, and that this user may see. */
  readonly seq: number;
  readonly stays: number;
}

/**
 * What must have come before a session is told that it has everything: all that its own node had committed and acknowledged
 * when it began. Of other nodes' entries a node may learn later.
 */
export class SyncedPromise {
  readonly #user: UserId;
  readonly #promised = new Map<ConversationId, Promised>();
  readonly #reached = new Map<string, number>();

  constructor(
    user: UserId,
    { tables, acknowledged }: { tables: Tables; acknowledged: ReadonlyMap<ConversationId, number> },
    cursors: readonly SyncCursor[],
  ) {
    this.#user = user;
    for (const { conversation, seq } of cursors) this.#reached.set(conversation, seq);
    for (const [id, most] of acknowledged) {
      const stays = staysOf(tables.logs.get(id), user);
      if (stays.at(-1)?.to === null) this.#promised.set(id, { seq: lastVisible(stays, most), stays: stays.length });
    }
  }

  /** An entry or a gap was handed over. */
  reached(address: string, seq: number): void {
    this.#reached.set(address, seq);
  }

  /** What is missing, for as long as the stays of then go on. */
  missing(tables: Tables): string[] {
    return [...this.#promised].flatMap(([id, { seq, stays }]) => {
      const log = tables.logs.get(id);
      const now = staysOf(log, this.#user);
      if (log === undefined || now.length !== stays || now.at(-1)?.to !== null) return [];
      const { address } = log.conversation;
      const reached = this.#reached.get(address) ?? 0;
      return reached < seq ? [`${address}/${seq}, and stands at ${reached}`] : [];
    });
  }
}

function staysOf(log: Log | undefined, user: UserId): readonly Stay[] {
  return log?.members.get(user)?.stays ?? [];
}

/** 0: none. */
function lastVisible(stays: readonly Stay[], most: number): number {
  const ends = stays.filter(({ from }) => from <= most).map(({ to }) => Math.min(to ?? most, most));
  return Math.max(0, ...ends);
}

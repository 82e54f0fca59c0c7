import type { Seq, Tag, UserId } from '@parley/protocol';
import type { BusEvent } from '../../chat/ports/bus.ts';
import type { ConversationId, DeviceId } from '../../chat/ports/records.ts';

/** What one transaction did that other nodes must learn of. */
export interface News {
  /** Ends of the logs that grew. */
  readonly heads?: readonly { readonly conversation: ConversationId; readonly seq: Seq; readonly tag: Tag }[];
  /** Whose private state changed. */
  readonly users?: readonly UserId[];
  readonly revoked?: { readonly user: UserId; readonly devices: readonly DeviceId[] };
}

/** The column's JSON. A later release may add members; an older reader passes over them. */
interface Row {
  readonly h?: readonly (readonly [ConversationId, Seq, Tag])[];
  readonly u?: readonly UserId[];
  readonly r?: readonly [UserId, readonly DeviceId[]];
}

/** As short as it can be: there is one for each transaction. */
export function encodeNews({ heads = [], users = [], revoked }: News): string {
  const row: Row = {
    ...(heads.length > 0 ? { h: heads.map(({ conversation, seq, tag }) => [conversation, seq, tag]) } : {}),
    ...(users.length > 0 ? { u: users } : {}),
    ...(revoked === undefined ? {} : { r: [revoked.user, revoked.devices] }),
  };
  return JSON.stringify(row);
}

/** As events without bodies: who wants those reads the log. */
export function decodeNews(what: string): BusEvent[] {
  const { h = [], u = [], r } = JSON.parse(what) as Row;
  const events: BusEvent[] = h.map(([conversation, seq, tag]) => {
    return { kind: 'entries', conversation, prevTag: 0 as Tag, entries: [], seq, tag };
  });
  if (u.length > 0) events.push({ kind: 'users', users: u });
  if (r !== undefined) events.push({ kind: 'revoked', user: r[0], devices: r[1] });
  return events;
}

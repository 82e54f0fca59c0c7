import { type Content, digestOf, digestOfEntry } from './digest.ts';
import type { RowRecord } from './record.ts';

/** An entry as the database keeps it, with the role by its name. */
export interface KeptEntry extends Content {
  readonly text: string | null;
  readonly target: number | null;
}

/** As it stands in the history. */
export function rowRecord(conversation: string, entry: KeptEntry): RowRecord {
  const { seq, ord, tag, kind, author, clientId, time, text, target, role } = entry;
  return {
    k: 'row',
    c: conversation,
    q: seq,
    o: ord,
    g: tag,
    kind,
    a: author,
    i: clientId,
    time,
    x: digestOf(text ?? ''),
    h: digestOfEntry(entry),
    ...(target === null ? {} : { w: target }),
    ...(role === null || role === undefined ? {} : { role }),
  };
}

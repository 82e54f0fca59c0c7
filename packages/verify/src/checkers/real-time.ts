import type { Evidence } from './evidence.ts';
import { acknowledgedAt, describeId, invokedAt, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/** If one was acknowledged before another was first asked for, it stands before it. */
export function* checkRealTime(evidence: Evidence): Generator<Violation> {
  for (const conversation of evidence.conversations()) {
    let earliest: { at: number; id: KnownId; seq: number } | undefined;
    for (let seq = evidence.lastSeq(conversation); seq >= 1; seq -= 1) {
      const row = evidence.row(conversation, seq);
      const id = row && evidence.ids.get(conversation, row.a, row.i);
      if (!id) continue;
      const invoked = invokedAt(id);
      if (earliest && invoked < Number.POSITIVE_INFINITY && earliest.at < invoked)
        yield violation(earliest, { id, seq });
      const at = acknowledgedAt(id);
      if (!earliest || at < earliest.at) earliest = { at, id, seq };
    }
  }
}

interface Standing {
  readonly id: KnownId;
  readonly seq: number;
}

function violation(later: Standing, earlier: Standing): Violation {
  const { conversation, author, clientId } = earlier.id;
  return {
    rule: 'realTime',
    what: `${describeId(later.id)} was acknowledged before ${describeId(earlier.id)} was sent, and stands at ${later.seq}, behind ${earlier.seq}`,
    conversation,
    user: author,
    clientId,
    seqs: [earlier.seq, later.seq],
    lines: [later.id, earlier.id]
      .flatMap(({ tries, asks, rows }) => [...tries, ...asks, ...rows])
      .map(({ line }) => line),
  };
}

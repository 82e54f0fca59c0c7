import type { RowRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import type { Violation } from './violation.ts';

type Row = Placed<RowRecord>;

/** In the database: seqs 1, 2, 3 …, ord counts messages, time does not fall, and heads are the last entries. */
export function* checkDense(evidence: Evidence): Generator<Violation> {
  const { logs, heads } = evidence.history;
  for (const log of logs.values()) {
    let before: Row | undefined;
    for (const row of log.toSorted((a, b) => a.q - b.q)) {
      const complaint = complaintAbout(row, before);
      if (complaint !== undefined) yield violation(row, complaint, before);
      before = row;
    }
  }
  for (const head of heads) {
    const last = evidence.row(head.c, evidence.lastSeq(head.c));
    const { q, o, g } = last ?? { q: 0, o: 0, g: 0 };
    if (head.q === q && head.o === o && (head.g === g || q === 0)) continue;
    yield {
      rule: 'dense',
      what: `the head of ${head.c} is ${head.q} (ord ${head.o}, tag ${head.g}), its last entry ${q} (ord ${o}, tag ${g})`,
      conversation: head.c,
      seqs: [head.q, q],
      lines: [head.line, ...(last ? [last.line] : [])],
    };
  }
}

function complaintAbout(row: Row, before: Row | undefined): string | undefined {
  const { q, o, time } = before ?? { q: 0, o: 0, time: 0 };
  if (row.q !== q + 1) return `follows ${q}`;
  const ord = o + (row.kind === 'message' ? 1 : 0);
  if (row.o !== ord) return `has ord ${row.o}, not ${ord}`;
  if (row.time < time) return `is ${time - row.time} ms older than the one before`;
  return undefined;
}

function violation(row: Row, complaint: string, before: Row | undefined): Violation {
  return {
    rule: 'dense',
    what: `${row.c}/${row.q} (${row.i} of user ${row.a}) ${complaint}`,
    conversation: row.c,
    user: row.a,
    clientId: row.i,
    seqs: [...(before ? [before.q] : []), row.q],
    lines: [...(before ? [before.line] : []), row.line],
  };
}

import type { Evidence } from './evidence.ts';
import { asksFor, cancellations, describeId, isRefused, type KnownId, OP_OF_KIND } from './ids.ts';
import type { Violation } from './violation.ts';

/** Nothing stands in the database that was never sent, was cancelled, or was refused each time. */
export function* checkPhantom({ ids }: Evidence): Generator<Violation> {
  for (const id of ids.all()) {
    for (const row of id.rows) {
      const reason = whyNot(id, row);
      if (reason === undefined) continue;
      yield {
        rule: 'phantom',
        what: `${row.kind} ${describeId(id)} stands at ${row.q}: ${reason}`,
        conversation: id.conversation,
        user: id.author,
        clientId: id.clientId,
        seqs: [row.q],
        lines: [row, ...id.tries, ...id.asks].map(({ line }) => line),
      };
    }
  }
}

function whyNot(id: KnownId, row: KnownId['rows'][number]): string | undefined {
  const made = [...id.tries, ...id.asks].filter(({ op }) => op === OP_OF_KIND[row.kind]);
  if (made.length === 0) return 'nobody asked for it';
  if (row.kind !== 'cancel' && cancellations(id).length > 0) return 'it was cancelled';
  const same = made.filter((call) => asksFor(call, row));
  if (same.length === 0) return row.kind === 'message' ? 'it was sent with another text' : 'it was asked about another';
  if (same.every(isRefused)) return `it was refused each time (${same.map(({ e }) => e).join(', ')})`;
  return undefined;
}

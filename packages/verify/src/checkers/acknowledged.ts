import type { Evidence } from './evidence.ts';
import { cancellations, confirmations, describeId, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/** What was acknowledged is in the database, once, under the numbers that were told; what was cancelled has its tombstone. */
export function* checkAcknowledged({ ids }: Evidence): Generator<Violation> {
  for (const id of ids.all()) {
    yield* checkId(id);
    yield* checkTombstone(id);
    if (id.rows.length > 1) yield doubled(id);
  }
}

function* checkId(id: KnownId): Generator<Violation> {
  const [row] = id.rows;
  for (const call of confirmations(id)) {
    if (row && row.kind !== 'cancel' && isSame(row, call.r)) continue;
    const there = row === undefined ? 'is not there' : `has it at ${row.q} (ord ${row.o}, tag ${row.g}, ${row.kind})`;
    yield {
      rule: 'acknowledged',
      what: `${call.op} ${describeId(id)} was acknowledged as ${call.r?.q ?? 'something'}, and the database ${there}`,
      conversation: id.conversation,
      user: id.author,
      session: call.s,
      clientId: id.clientId,
      seqs: [call.r?.q ?? 0, ...id.rows.map(({ q }) => q)],
      lines: [call.line, ...id.rows.map(({ line }) => line)],
    };
    return; // one is enough for an id
  }
}

/** An entry in its place is a phantom. */
function* checkTombstone(id: KnownId): Generator<Violation> {
  const [call] = cancellations(id);
  if (call === undefined || id.rows.length > 0) return;
  yield {
    rule: 'acknowledged',
    what: `${describeId(id)} was told to be cancelled, and the database has no tombstone`,
    conversation: id.conversation,
    user: id.author,
    session: call.s,
    clientId: id.clientId,
    lines: [...id.tries, ...id.asks].map(({ line }) => line),
  };
}

/** An answer tells the seq, and need not tell more: what it does not, is not compared. */
function isSame(row: { q: number; o: number; g: number }, told: KnownId['tries'][number]['r']): boolean {
  const { q, o = row.o, g = row.g } = told ?? {};
  return q === row.q && o === row.o && g === row.g;
}

function doubled(id: KnownId): Violation {
  return {
    rule: 'acknowledged',
    what: `${describeId(id)} is in the database ${id.rows.length} times`,
    conversation: id.conversation,
    user: id.author,
    clientId: id.clientId,
    seqs: id.rows.map(({ q }) => q),
    lines: [...id.tries, ...id.rows].map(({ line }) => line),
  };
}

import type { CallRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import { cancellations, describeId, isRefused, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/** Entries that calls make. */
const OP_OF_KIND: Readonly<Record<string, CallRecord['op']>> = {
  message: 'send',
  create: 'create',
  join: 'join',
  leave: 'leave',
  kick: 'kick',
  role: 'role',
  cancel: 'cancel',
};

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
  const op = OP_OF_KIND[row.kind];
  const made = [...id.tries, ...id.asks].filter((call) => call.op === op);
  if (made.length === 0) return 'nobody asked for it';
  if (row.kind !== 'cancel' && cancellations(id).length > 0) return 'it was cancelled';
  const same = made.filter((call) => isSame(call, row));
  if (same.length === 0) return row.kind === 'message' ? 'it was sent with another text' : 'it was asked about another';
  if (same.every(isRefused)) return `it was refused each time (${same.map(({ e }) => e).join(', ')})`;
  return undefined;
}

const ABOUT_ANOTHER: ReadonlySet<string> = new Set(['kick', 'role']);

function isSame({ x, w }: CallRecord, row: KnownId['rows'][number]): boolean {
  if (row.kind === 'message') return x === row.x;
  return !ABOUT_ANOTHER.has(row.kind) || w === row.w;
}

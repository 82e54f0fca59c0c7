import type { CallRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import { describeId, type KnownId } from './ids.ts';
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

/** A refusal with these says nothing about whether it was done. */
const OPEN_REFUSALS: ReadonlySet<string> = new Set(['internal']);

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
  if (row.kind === 'cancel') return undefined;
  if (id.asks.some(({ r }) => r?.st === 'cancelled')) return 'it was cancelled';
  const same = row.kind === 'message' ? made.filter(({ x }) => x === row.x) : made;
  if (same.length === 0) return 'it was sent with another text';
  if (same.every(isRefused)) return `it was refused each time (${same.map(({ e }) => e).join(', ')})`;
  return undefined;
}

function isRefused({ e }: CallRecord): boolean {
  return e !== undefined && !OPEN_REFUSALS.has(e);
}

import type { RowRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import { describeId, isRefused, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/** A message stands behind the one that it was sent `after`, which is there. */
export function* checkChain({ ids }: Evidence): Generator<Violation> {
  for (const id of ids.all()) {
    const [row] = id.rows;
    if (row?.kind !== 'message') continue;
    const makers = makersOf(id);
    const before = makers.map(({ a }) => (a === undefined ? undefined : ids.get(id.conversation, id.author, a)));
    const isFine = makers.some(({ a }, index) => a === undefined || stands(before[index]) < row.q);
    const [call] = makers;
    if (call !== undefined && !isFine) yield violation(id, row, { call, before: before[0] });
  }
}

/** Copies that may have made the entry: told so, or lost. */
function makersOf({ tries }: KnownId): KnownId['tries'] {
  return tries.filter((call) => call.r?.dup !== 1 && !isRefused(call));
}

function stands(id: KnownId | undefined): number {
  return id?.rows[0]?.q ?? Number.POSITIVE_INFINITY;
}

interface Link {
  readonly call: KnownId['tries'][number];
  readonly before: KnownId | undefined;
}

function violation(id: KnownId, row: Placed<RowRecord>, { call, before }: Link): Violation {
  const rows = before?.rows ?? [];
  const [first] = rows;
  return {
    rule: 'chain',
    what: `${describeId(id)} stands at ${row.q}, and ${call.a}, which it was sent after, ${first ? `at ${first.q}` : 'is not there'}`,
    conversation: id.conversation,
    user: id.author,
    session: call.s,
    clientId: id.clientId,
    seqs: [...(first ? [first.q] : []), row.q],
    lines: [...(before?.tries ?? []), ...rows, ...id.tries, row].map(({ line }) => line),
  };
}

import type { PageRecord, RowRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import { acknowledgedAt, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/** What each node showed at the end, histories and outcomes, is what the database has. */
export function* checkNodes(evidence: Evidence): Generator<Violation> {
  const readings = new Map<string, Placed<PageRecord>[]>();
  for (const page of evidence.history.pages) {
    const key = `${page.n} ${page.u} ${page.c}`;
    readings.set(key, [...(readings.get(key) ?? []), page]);
  }
  for (const pages of readings.values()) yield* checkReading(pages, evidence);
  for (const asked of evidence.history.asked) {
    yield* checkOutcome(asked, evidence.ids.get(asked.c, asked.u, asked.i));
  }
}

function* checkReading(pages: readonly Placed<PageRecord>[], evidence: Evidence): Generator<Violation> {
  const [first] = pages;
  if (!first) return;
  const { u, c } = first;
  const audience = evidence.audience(c);
  const shown = new Set<number>();
  let before = 0;
  for (const page of pages) {
    for (const [seq, tag, digest] of page.e) {
      const row = evidence.row(c, seq);
      const isKnown = row !== undefined && row.g === tag && row.h === digest && seq > before;
      shown.add(seq);
      before = seq;
      if (!isKnown)
        yield wrong(page, row ? [row] : [], `shows ${seq} twice, out of order, or otherwise than the database`);
    }
  }
  if (!pages.some(({ last }) => last)) return;
  const missing: Placed<RowRecord>[] = [];
  for (let seq = 1; seq <= evidence.lastSeq(c); seq += 1) {
    const row = evidence.row(c, seq);
    if (row && audience.maySee(u, seq) && !shown.has(seq)) missing.push(row);
  }
  if (missing.length > 0) yield wrong(first, missing, `does not show ${missing.length} entries`);
}

function wrong({ n, u, c, line }: Placed<PageRecord>, rows: readonly Placed<RowRecord>[], what: string): Violation {
  const seqs = rows.slice(0, 20).map(({ q }) => q);
  return {
    rule: 'nodes',
    what: `${n}: history of ${c} for user ${u} ${what}: ${seqs.join(', ')}`,
    conversation: c,
    user: u,
    seqs,
    lines: [line, ...rows.slice(0, 3).map((row) => row.line)],
  };
}

/** Of an id that nobody ever used, nothing is known. */
function* checkOutcome(asked: Evidence['history']['asked'][number], id: KnownId | undefined): Generator<Violation> {
  const { rows = [], tries = [] } = id ?? {};
  const [row] = rows;
  const expected = row === undefined ? 'unknown' : row.kind === 'cancel' ? 'cancelled' : 'committed';
  const isAcknowledged = id !== undefined && acknowledgedAt(id) < Number.POSITIVE_INFINITY;
  if (asked.st === expected && (expected !== 'committed' || asked.q === row?.q)) return;
  yield {
    rule: 'nodes',
    what: `${asked.n}: the outcome of ${asked.i} of user ${asked.u} in ${asked.c} is ${asked.st} ${asked.q ?? ''}; the database says ${expected} ${row?.q ?? ''}${isAcknowledged ? ', and it was acknowledged' : ''}`,
    conversation: asked.c,
    user: asked.u,
    clientId: asked.i,
    seqs: rows.map(({ q }) => q),
    lines: [asked.line, ...[...tries, ...rows].map(({ line }) => line)],
  };
}

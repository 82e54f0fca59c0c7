import type { ReadLinks } from './read-links.ts';
import { NOW_MS } from './transaction.ts';
import type { WriterList } from './writer-list.ts';

/** Rows that one statement deletes; so many of each living writer's last ones stay in any case. */
const PORTION = 2_000;

/**
 * Deletes rows of the journal that are older than `keptMs` by the store's clock, and writers that were not heard of for
 * twice as long. All nodes do it; one that comes second finds nothing to do.
 * @throws {StoreUnavailable}
 */
export async function sweepJournal(links: ReadLinks, own: WriterList, keptMs: number): Promise<void> {
  await enterOwn(links, [...own.living().keys()]);
  const writers = await links.rows<{ id: number; seen: number; nowMs: number }>(
    `SELECT id, seen, ${NOW_MS} AS nowMs FROM writer`,
    [],
  );
  for (const { id, seen, nowMs } of writers) {
    if (seen < nowMs - 2 * keptMs) await removeWriter(links, id);
    else await removeOldRows(links, id, nowMs - keptMs);
  }
}

/** Again, too: when the store's clock jumps, another node may have taken them for dead. */
async function enterOwn(links: ReadLinks, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = Array.from(ids, () => `(?, ${NOW_MS})`).join(',');
  await links.change(`INSERT INTO writer (id, seen) VALUES ${rows} ON DUPLICATE KEY UPDATE seen = VALUES(seen)`, ids);
}

/** A portion is deleted when its last row is old: rows of one writer are in the order of time. */
async function removeOldRows(links: ReadLinks, writer: number, beforeMs: number): Promise<void> {
  for (;;) {
    const next = await links.first<{ n: number; at: number }>(
      `SELECT n, at FROM journal WHERE writer = ? ORDER BY n LIMIT 1 OFFSET ${PORTION}`,
      [writer],
    );
    if (next === undefined || next.at >= beforeMs) return;
    await links.change('DELETE FROM journal WHERE writer = ? AND n < ?', [writer, next.n]);
  }
}

/** The rows first: without its writer nobody would find them. */
async function removeWriter(links: ReadLinks, writer: number): Promise<void> {
  for (;;) {
    const { affectedRows } = await links.change(`DELETE FROM journal WHERE writer = ? LIMIT ${PORTION}`, [writer]);
    if (affectedRows < PORTION) break;
  }
  await links.change('DELETE FROM writer WHERE id = ?', [writer]);
}

import type { HistoryRecord } from './record.ts';

/** What a record of each kind must say. */
const KEYS: Readonly<Record<HistoryRecord['k'], readonly string[]>> = {
  run: ['version', 'seed', 'store', 'faults', 'wall'],
  clock: ['t', 'wall'],
  open: ['t', 's', 'u', 'd', 'n', 'at'],
  shut: ['t', 's', 'why'],
  synced: ['t', 's'],
  call: ['t', 'd', 's', 'u', 'op'],
  e: ['t', 's', 'c', 'q', 'g', 'h', 'i'],
  gap: ['t', 's', 'c', 'from', 'to', 'g', 'why'],
  pos: ['t', 's', 'u', 'c', 'read', 'delivered'],
  fault: ['t', 'n', 'fault', 'v', 'ms', 'does', 'what'],
  final: ['u', 'd'],
  row: ['c', 'q', 'o', 'g', 'kind', 'a', 'i', 'time', 'x', 'h'],
  head: ['c', 'q', 'o', 'g'],
  page: ['n', 'u', 'c', 'e', 'last'],
  asked: ['n', 'u', 'c', 'i', 'st'],
  problem: ['what'],
  end: ['t'],
};

/** One line of a history; undefined when it is no record. */
export function parseRecord(text: string): HistoryRecord | undefined {
  try {
    const record = JSON.parse(text) as HistoryRecord;
    return KEYS[record.k].every((key) => key in record) ? record : undefined;
  } catch {
    return undefined;
  }
}

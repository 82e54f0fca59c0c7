import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { History } from '../checkers/history.ts';
import type { HistoryRecord } from './record.ts';

/**
 * Reads a history file.
 * @param signal when it is aborted, the rest is not read
 * @throws Error naming the line that is no record; a last line that was cut off is left out
 */
export async function readHistory(file: string, signal?: AbortSignal): Promise<History> {
  const history = new History();
  let broken: number | undefined;
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (signal?.aborted) break;
    line += 1;
    if (broken !== undefined) throw new Error(`${file}: line ${broken} is no record of a history`);
    try {
      history.add(JSON.parse(text) as HistoryRecord, line);
    } catch {
      broken = line;
    }
  }
  return history;
}

/** The texts of lines, by their numbers. */
export async function readLines(file: string, wanted: ReadonlySet<number>): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  if (wanted.size === 0) return found;
  const last = Math.max(...wanted);
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (wanted.has(line)) found.set(line, text);
    if (line >= last) break;
  }
  return found;
}

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { History } from '../checkers/history.ts';
import { parseRecord } from './parse-record.ts';

/**
 * Reads a history file.
 * @param signal when it is aborted, the rest is not read
 * @throws Error naming the line that is no record, or when the first one does not begin a history; a last line that was
 * cut off is left out
 */
export async function readHistory(file: string, signal?: AbortSignal): Promise<History> {
  const history = new History();
  let broken: number | undefined;
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (signal?.aborted) break;
    line += 1;
    if (broken !== undefined) throw new Error(`line ${broken} is no record of a history`);
    const record = parseRecord(text);
    if (record) history.add(record, line);
    else broken = line;
    if (line === 1 && history.run?.version !== 1) break;
  }
  if (!signal?.aborted && history.run?.version !== 1) throw new Error('it is no history of this version');
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

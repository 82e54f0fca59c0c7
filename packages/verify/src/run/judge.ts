import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory } from '../checkers/check-history.ts';
import { readHistory } from '../history/read-history.ts';
import { Impossible, impossible } from './impossible.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/**
 * Judges a history file.
 * @returns undefined when it was told to end early
 * @throws Impossible when it cannot be read, or is not whole: without what was asked at the end nobody can be accused
 */
export async function judge(file: string, signal?: AbortSignal): Promise<Verdict | undefined> {
  const history = await readHistory(file, signal).catch(impossible(`${file} cannot be judged`));
  // A signal that came meanwhile is heard now.
  await sleep(0);
  if (signal?.aborted) return undefined;
  if (!history.isWhole) throw new Impossible(`${file} cannot be judged: it ends before the run was carried through`);
  const verdict = await verdictOf({ history, findings: checkHistory(history), file });
  await sleep(0);
  return signal?.aborted ? undefined : verdict;
}

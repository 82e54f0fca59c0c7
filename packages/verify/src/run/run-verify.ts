import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory } from '../checkers/check-history.ts';
import { Chance } from '../crowd/chance.ts';
import { Crowd } from '../crowd/crowd.ts';
import type { FaultName } from '../faults/fault.ts';
import { runFaults } from '../faults/run-faults.ts';
import { FAULT_TABLE } from '../faults/table.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { readHistory } from '../history/read-history.ts';
import { hasConversation } from '../systems/join-running.ts';
import type { System } from '../systems/system.ts';
import { askNodes } from './ask-nodes.ts';
import type { RunCommand } from './options.ts';
import type { Progress } from './progress.ts';
import { readThroughNodes } from './read-through-nodes.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** A run that cannot be made here, or not be carried through. */
export class Impossible extends Error {
  override readonly name = 'Impossible';
}

/** What a run needs from outside. */
export interface Run {
  readonly command: RunCommand;
  readonly folder: string;
  readonly progress: Progress;
  /** It is to end early; everything is put back. */
  readonly signal: AbortSignal;
  readonly startSystem: (folder: string) => Promise<System>;
}

const QUIET_MS = 90_000;
const CLOCK_MS = 1_000;

/**
 * Starts a system, lets people talk while it is broken, heals it, looks at everything, ends the system, and judges.
 * @returns undefined when it was told to end early
 * @throws Impossible with one sentence
 */
export async function runVerify(run: Run): Promise<Verdict | undefined> {
  const { folder, progress, signal } = run;
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'history.jsonl');
  const history = new HistoryWriter(file);
  let problems: string[] | undefined;
  try {
    problems = await record(run, history);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await history.close();
  }
  if (problems === undefined || signal.aborted) return undefined;
  progress.say(`judging ${history.lines} lines of ${file}`);
  return judge(file, problems, signal);
}

/**
 * Judges a history file.
 * @returns undefined when it was told to end early
 * @throws Impossible when it cannot be read
 */
export async function judge(
  file: string,
  problems: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Verdict | undefined> {
  const history = await readHistory(file, signal).catch(impossible(`${file} cannot be judged`));
  // A signal that came meanwhile is heard now.
  await sleep(0);
  if (signal?.aborted) return undefined;
  const verdict = await verdictOf({ history, findings: checkHistory(history), file, problems });
  await sleep(0);
  return signal?.aborted ? undefined : verdict;
}

async function record(run: Run, history: HistoryWriter): Promise<string[] | undefined> {
  const { command, folder, progress, signal, startSystem } = run;
  await using system = await startSystem(folder).catch(impossible());
  const faults = possibleFaults(command, system, progress);
  const { seed, users, rate } = command;
  const truth = system.readDatabase === undefined ? 'nodes' : 'database';
  history.write({ k: 'run', version: 1, seed, store: system.store, truth, faults, wall: Date.now() });
  const chance = new Chance(seed);
  progress.say(`${users} people meet (--seed ${seed})`);
  const { endpoints } = system;
  const founding = Crowd.found({ history, endpoints, chance: chance.fork(), users, rate, signal });
  const crowd = await founding.catch(impossible('the people could not meet'));
  try {
    await assertSame(system, crowd);
    progress.watch(crowd);
    await talk({ ...run, system, crowd, history, chance: chance.fork(), faults });
    if (signal.aborted) return undefined;
    return await lookAtAll({ ...run, system, crowd, history }).catch(impossible('it could not be carried through'));
  } finally {
    crowd.close();
    progress.unwatch();
  }
}

function possibleFaults({ faults, allFaults }: RunCommand, system: System, progress: Progress): FaultName[] {
  const left = new Map<string, FaultName[]>();
  const possible = faults.filter((fault) => {
    const missing = FAULT_TABLE[fault].missing(system);
    if (missing === undefined) return true;
    if (!allFaults) throw new Impossible(`${fault} cannot be tried: ${missing}`);
    left.set(missing, [...(left.get(missing) ?? []), fault]);
    return false;
  });
  for (const [why, names] of left) progress.say(`left out (${why}): ${names.join(', ')}`);
  return possible;
}

/** Before people talk for long: what is read at the end must be what they talk on. */
async function assertSame({ isOurs, readDatabase }: System, crowd: Crowd): Promise<void> {
  const [group] = crowd.people.flatMap(({ groups }) => groups);
  if (isOurs || readDatabase === undefined || group === undefined) return;
  if (await hasConversation(readDatabase, group)) return;
  throw new Impossible('the database is not the one of this Parley: it does not have what was just acknowledged');
}

interface Live extends Run {
  readonly system: System;
  readonly crowd: Crowd;
  readonly history: HistoryWriter;
}

async function talk(live: Live & { chance: Chance; faults: readonly FaultName[] }): Promise<void> {
  const { system, crowd, history, chance, faults, progress, signal, command } = live;
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const clock = setInterval(() => history.write({ k: 'clock', t: history.now(), wall: Date.now() }), CLOCK_MS);
  crowd.start();
  const breaking = runFaults({
    names: faults,
    atOnce: command.atOnce,
    system,
    chance,
    crowd,
    history,
    signal: ends,
    sleep: (ms) => wait(ms, ends),
    onChange: (broken) => (progress.now = broken.join(' + ')),
  });
  await wait(command.seconds * 1_000, signal);
  over.abort();
  await breaking;
  clearInterval(clock);
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

async function lookAtAll(live: Live): Promise<string[] | undefined> {
  const { system, crowd, history, progress, signal } = live;
  progress.now = 'waiting for quiet';
  await system.heal();
  const open = await crowd.finish(QUIET_MS);
  signal.throwIfAborted();
  progress.now = 'asking every node';
  await askNodes(system.asked, { crowd, history, signal });
  progress.now = system.readDatabase ? 'reading the database' : 'reading all logs through nodes';
  const entries = await readLogs(live);
  signal.throwIfAborted();
  history.write({ k: 'end', t: history.now() });
  await history.settle();
  const mishaps = system.nodes.flatMap((node) => node.mishaps);
  return [...mishaps, ...open.slice(0, 10), ...(entries === 0 ? ['the database holds nothing'] : [])];
}

/** From the database, of a Parley of our own all that it has; else as nodes show them. @returns the number of entries */
async function readLogs({ system, crowd, history, signal }: Live): Promise<number> {
  if (system.readDatabase === undefined) return readThroughNodes(system.asked, { crowd, history, signal });
  return system.readDatabase(history, system.isOurs ? undefined : crowd.conversations);
}

/** What happens outside is told in one sentence; mistakes of ours are not hidden. */
function impossible(about?: string): (error: unknown) => never {
  return (error) => {
    if (isMistake(error)) throw error;
    const { message } = error as Error;
    throw new Impossible(about === undefined ? message : `${about}: ${message}`, { cause: error });
  };
}

function isMistake(error: unknown): boolean {
  return !(error instanceof Error) || [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
}

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../crowd/chance.ts';
import { Crowd } from '../crowd/crowd.ts';
import type { FaultName } from '../faults/fault.ts';
import { runFaults } from '../faults/run-faults.ts';
import { FAULT_TABLE } from '../faults/table.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { hasConversation } from '../systems/join-running.ts';
import type { System } from '../systems/system.ts';
import { askNodes } from './ask-nodes.ts';
import { Impossible, impossible } from './impossible.ts';
import { judge } from './judge.ts';
import type { RunCommand } from './options.ts';
import type { Progress } from './progress.ts';
import { readThroughNodes } from './read-through-nodes.ts';
import type { Verdict } from './verdict.ts';

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
/** More of what is not settled tells nothing new. */
const MOST_OPEN = 10;

/**
 * Starts a system, lets people talk while it is broken, heals it, looks at everything, ends the system, and judges.
 * @returns undefined when it was told to end early
 * @throws Impossible with one sentence
 */
export async function runVerify(run: Run): Promise<Verdict | undefined> {
  const { folder, progress, signal } = run;
  const file = path.join(folder, 'history.jsonl');
  const history = new HistoryWriter(file);
  try {
    await record(run, history);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await history.close().catch(impossible('the history could not be written'));
  }
  if (signal.aborted) return undefined;
  progress.say(`judging ${history.lines} lines of ${file}`);
  return judge(file, signal);
}

async function record(run: Run, history: HistoryWriter): Promise<void> {
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
    if (signal.aborted) return;
    await lookAtAll({ ...run, system, crowd, history }).catch(impossible('it could not be carried through'));
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

async function lookAtAll(live: Live): Promise<void> {
  const { system, crowd, history, progress, signal } = live;
  progress.now = 'waiting for quiet';
  await system.heal();
  const open = await crowd.finish(QUIET_MS);
  signal.throwIfAborted();
  progress.now = 'asking every node';
  await askNodes(system.asked, { crowd, history, signal });
  progress.now = system.readDatabase ? 'reading the database' : 'reading all logs through nodes';
  await readLogs(live);
  signal.throwIfAborted();
  const mishaps = system.nodes.flatMap((node) => node.mishaps);
  for (const what of [...mishaps, ...open.slice(0, MOST_OPEN)]) history.write({ k: 'problem', what });
  history.write({ k: 'end', t: history.now() });
  await history.settle();
}

/** From the database, of a Parley of our own all that it has; else as nodes show them. */
async function readLogs({ system, crowd, history, signal }: Live): Promise<unknown> {
  if (system.readDatabase === undefined) return readThroughNodes(system.asked, { crowd, history, signal });
  return system.readDatabase(history, system.isOurs ? undefined : crowd.conversations);
}

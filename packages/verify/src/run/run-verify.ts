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
import type { System } from '../systems/system.ts';
import { askNodes } from './ask-nodes.ts';
import type { RunCommand } from './options.ts';
import type { Progress } from './progress.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** A run that cannot be made here. */
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
  } finally {
    await history.close();
  }
  if (problems === undefined || signal.aborted) return undefined;
  progress.say(`judging ${history.lines} lines of ${file}`);
  return judge(file, problems);
}

/** Judges a history file. */
export async function judge(file: string, problems: readonly string[] = []): Promise<Verdict> {
  const history = await readHistory(file);
  return verdictOf({ history, findings: checkHistory(history), file, problems });
}

async function record(run: Run, history: HistoryWriter): Promise<string[] | undefined> {
  const { command, folder, progress, signal, startSystem } = run;
  await using system = await startSystem(folder);
  const faults = possibleFaults(command, system, progress);
  const { seed, store } = command;
  history.write({ k: 'run', version: 1, seed, store, faults, wall: Date.now() });
  const chance = new Chance(seed);
  const { users, rate } = command;
  progress.say(`${users} people meet (--seed ${seed})`);
  const crowd = await Crowd.found({ history, endpoints: system.endpoints, chance: chance.fork(), users, rate });
  try {
    progress.watch(crowd);
    await talk({ ...run, system, crowd, history, chance: chance.fork(), faults });
    if (signal.aborted) return undefined;
    return await lookAtAll({ ...run, system, crowd, history });
  } finally {
    crowd.close();
  }
}

function possibleFaults({ faults, allFaults }: RunCommand, system: System, progress: Progress): FaultName[] {
  return faults.filter((fault) => {
    const missing = FAULT_TABLE[fault].missing(system);
    if (missing === undefined) return true;
    if (!allFaults) throw new Impossible(`${fault} cannot be tried: ${missing}`);
    progress.say(`left out: ${fault} (${missing})`);
    return false;
  });
}

interface Live extends Run {
  readonly system: System;
  readonly crowd: Crowd;
  readonly history: HistoryWriter;
}

async function talk({
  system,
  crowd,
  history,
  chance,
  faults,
  ...run
}: Live & { chance: Chance; faults: readonly FaultName[] }): Promise<void> {
  const { progress, signal, command } = run;
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const clock = setInterval(() => history.write({ k: 'clock', t: history.now(), wall: Date.now() }), CLOCK_MS);
  crowd.start();
  const watch = { history, onChange: (fault: string | undefined) => (progress.fault = fault) };
  const breaking = runFaults(faults, { system, crowd, chance, signal: ends }, watch);
  await sleep(command.seconds * 1_000, undefined, { signal }).catch(() => {});
  over.abort();
  await breaking;
  clearInterval(clock);
}

async function lookAtAll({ system, crowd, history, progress }: Live): Promise<string[]> {
  progress.fault = 'waiting for quiet';
  await system.heal();
  const open = await crowd.finish(QUIET_MS);
  progress.fault = 'asking every node';
  await askNodes(system.nodes, { crowd, history });
  progress.fault = 'reading the database';
  const entries = await system.readDatabase(history);
  history.write({ k: 'end', t: history.now() });
  await history.settle();
  return [...open.slice(0, 10), ...(entries === 0 ? ['the database holds nothing'] : [])];
}

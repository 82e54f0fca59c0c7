import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { RunCommand } from '../../src/run/options.ts';
import { Progress } from '../../src/run/progress.ts';
import { runVerify } from '../../src/run/run-verify.ts';
import type { Verdict } from '../../src/run/verdict.ts';
import type { System } from '../../src/systems/system.ts';

/** A small run without faults. */
const BRIEF: RunCommand = {
  verb: 'run',
  on: { kind: 'started', store: 'sqlite', nodes: 1 },
  seconds: 2,
  users: 6,
  rate: 200,
  faults: [],
  allFaults: false,
  atOnce: 1,
  seed: 11,
  folder: undefined,
};

/** What a test wants otherwise. */
export interface BriefRun {
  readonly changes?: Partial<RunCommand>;
  readonly signal?: AbortSignal;
  readonly startSystem: (folder: string) => Promise<System>;
  /** Hears each line of progress. */
  readonly onLine?: (line: string) => void;
}

/** Runs it in a folder that goes with the test. */
export async function runBriefly(t: TestContext, run: BriefRun): Promise<Verdict | undefined> {
  const folder = temporaryFolder(t);
  using progress = new Progress({ write: run.onLine ?? (() => {}), columns: () => undefined });
  return await runVerify({
    command: { ...BRIEF, ...run.changes },
    folder,
    progress,
    signal: run.signal ?? new AbortController().signal,
    startSystem: run.startSystem,
  });
}

/** Removed with what is in it when the test is over. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-verify-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Rules that were broken, and what else was wrong. */
export function complaints(verdict: Verdict): string[] {
  return [...verdict.rules.filter(({ violations }) => violations > 0).map(({ rule }) => rule), ...verdict.problems];
}

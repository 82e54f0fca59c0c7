import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Leftovers } from '../systems/leftovers.ts';
import { startSystem } from '../systems/start-system.ts';
import { describeVerdict } from './describe-verdict.ts';
import { Impossible } from './impossible.ts';
import { Interruption } from './interruption.ts';
import { judge } from './judge.ts';
import type { RunCommand, VerifyCommand } from './options.ts';
import { printable } from './printable.ts';
import { Progress, type ProgressOptions } from './progress.ts';
import { runVerify } from './run-verify.ts';
import type { Verdict } from './verdict.ts';

/** How it ended. */
export type Ending =
  | { readonly kind: 'judged'; readonly verdict: Verdict; readonly text: string }
  | { readonly kind: 'impossible'; readonly message: string }
  /** By a signal, with the exit code that tells of it; everything was put back. */
  | { readonly kind: 'interrupted'; readonly exit: number };

/**
 * What `npm run verify` and `parley verify` do alike. Takes over SIGINT, SIGTERM and SIGHUP while it runs: the first puts
 * everything back, a later one ends the process at once and says what is left.
 */
export async function verify(command: VerifyCommand, options: ProgressOptions): Promise<Ending> {
  const leftovers = new Leftovers();
  using interruption = new Interruption((exit) => endAtOnce(exit, leftovers, options));
  const { signal } = interruption;
  try {
    const verdict =
      command.verb === 'check'
        ? await judge(command.history, signal)
        : await run(command, { options, signal, leftovers });
    if (verdict !== undefined) return { kind: 'judged', verdict, text: describeVerdict(verdict) };
  } catch (error) {
    if (error instanceof Impossible) return { kind: 'impossible', message: printable(error.message) };
    throw error;
  }
  return { kind: 'interrupted', exit: interruption.exit ?? 0 };
}

interface Surroundings {
  readonly options: ProgressOptions;
  readonly signal: AbortSignal;
  readonly leftovers: Leftovers;
}

/** @returns undefined when a signal ended it */
async function run(command: RunCommand, around: Surroundings): Promise<Verdict | undefined> {
  const { options, signal, leftovers } = around;
  using progress = new Progress(options);
  signal.addEventListener('abort', () => progress.say('putting everything back (once more: end at once)'));
  const folder = await folderFor(command);
  using _folder = leftovers.place(folder, `rm -r ${folder}`);
  const start = (place: string) =>
    startSystem(command, { folder: place, signal, leftovers, onProgress: (line) => progress.say(line) });
  let verdict: Verdict | undefined;
  try {
    verdict = await runVerify({ command, folder, progress, signal, startSystem: start });
    return verdict;
  } finally {
    // What shows a violation is kept.
    const isNeeded = command.folder !== undefined || verdict?.ok === false;
    if (!isNeeded) await rm(folder, { recursive: true, force: true });
  }
}

/** One that was named must be empty: what an earlier run left in it would be judged as if this one had done it. */
async function folderFor({ folder }: RunCommand): Promise<string> {
  if (folder === undefined) return mkdtemp(path.join(tmpdir(), 'parley-verify-'));
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length > 0) throw new Error('it is not empty');
  } catch (error) {
    throw new Impossible(`${folder} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  return folder;
}

function endAtOnce(exit: number, leftovers: Leftovers, { write }: ProgressOptions): void {
  leftovers.killAll();
  const lines = [
    'ended at once, and everything that was started was killed; to remove what is left:',
    ...leftovers.removals,
  ];
  write(`\n${lines.join('\n  ')}\n`);
  process.exit(exit);
}

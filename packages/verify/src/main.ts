// `npm run verify`: see HELP in run/options.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeVerdict } from './run/describe-verdict.ts';
import { HELP, type RunCommand, readCommand, type VerifyCommand } from './run/options.ts';
import { Progress } from './run/progress.ts';
import { Impossible, judge, runVerify } from './run/run-verify.ts';
import type { Verdict } from './run/verdict.ts';
import { startSystem } from './systems/start-system.ts';

const EXIT = { violated: 1, usage: 64, unavailable: 69, interrupted: 130 } as const;

// Whatever is still open then, a connection on its way maybe, has no say.
process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  let command: VerifyCommand;
  try {
    command = readCommand(argv);
  } catch (error) {
    return fail(EXIT.usage, error);
  }
  if (command.verb === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    const verdict = command.verb === 'check' ? await judge(command.history) : await run(command);
    return verdict === undefined
      ? fail(EXIT.interrupted, 'interrupted; everything was put back')
      : show(verdict, command);
  } catch (error) {
    return fail(EXIT.unavailable, error);
  }
}

async function run(command: RunCommand): Promise<Verdict | undefined> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  const folder = command.folder ?? (await mkdtemp(path.join(tmpdir(), 'parley-verify-')));
  using progress = new Progress({ write: (text) => process.stderr.write(text), isTerminal: process.stderr.isTTY });
  const start = (place: string) => startSystem(command, { folder: place, onProgress: (line) => progress.say(line) });
  let verdict: Verdict | undefined;
  try {
    verdict = await runVerify({ command, folder, progress, signal: stop.signal, startSystem: start });
    return verdict;
  } finally {
    // What shows a violation is kept.
    const isNeeded = command.folder !== undefined || verdict?.ok === false;
    if (!isNeeded) await rm(folder, { recursive: true, force: true });
  }
}

function show(verdict: Verdict, { json }: { json: boolean }): number {
  process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : describeVerdict(verdict));
  return verdict.ok ? 0 : EXIT.violated;
}

function fail(code: number, error: unknown): number {
  const text = error instanceof Impossible ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`verify: ${text}\n`);
  return code;
}

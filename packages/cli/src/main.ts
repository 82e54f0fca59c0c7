#!/usr/bin/env node
import { parseArgv } from './argv.ts';
import { EXIT } from './exit-codes.ts';
import { Failure, failure, toFailure } from './failure.ts';
import { Output, type Sink } from './output.ts';
import { noUtf8 } from './text/charset.ts';

/** How long a verb may take to end in order after a signal, in milliseconds. */
const GRACE_MS = 800;

/** What ends a verb in order, with the terminal as it was (C55). */
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGABRT: EXIT.aborted,
  SIGTERM: EXIT.terminated,
};

/** argv → verb → exit code. Verbs are loaded when they are needed. */
async function main(): Promise<number> {
  // Whoever read our pipe has what they wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (signal?.aborted === true) process.exit(toFailure(signal.reason).exit);
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    output.error(failure('failed', 'no_stdout', `Cannot write to stdout: ${error.message}.`));
    process.exit(EXIT.failed);
  });
  process.stderr.on('error', () => {});
  const argv = process.argv.slice(2);
  let signal: AbortSignal | undefined;
  // A listener that throws, a promise that nobody waits for: told like any other bug.
  process.on('uncaughtException', (error) => {
    output.error(toFailure(error));
    process.exit(EXIT.bug);
  });
  let output = createOutput({ json: argv.includes('--json'), fields: [], quiet: false, verbose: false });
  try {
    const line = parseArgv(argv);
    if (line.flags['version'] === true) return (await import('./verbs/version.ts')).printVersion(output);
    if (line.flags['help'] === true) return (await import('./verbs/help.ts')).printHelp(output, line.verb.name);
    const { readSettings, readSettingsToMend } = await import('./settings.ts');
    const read = line.verb.mendsConfig ? readSettingsToMend : readSettings;
    const settings = read(line.flags, process.env, process.stdin.isTTY);
    output = createOutput(settings);
    const { run } = await line.verb.load();
    signal = abortOnSignal();
    const context = { line, settings, output, env: process.env, stdin: process.stdin, signal };
    return line.verb.endsItself ? await run(context) : await Promise.race([run(context), rejectLate(signal)]);
  } catch (error) {
    const failed = toFailure(signal?.aborted === true ? signal.reason : error);
    if (signal?.aborted !== true) output.error(failed);
    return failed.exit;
  } finally {
    await output.flush();
  }
}

function createOutput(options: { json: boolean; fields: readonly string[]; quiet: boolean; verbose: boolean }): Output {
  const { json, fields, quiet, verbose } = options;
  return new Output({ stdout: sinkOf(process.stdout), stderr: sinkOf(process.stderr), json, fields, quiet, verbose });
}

/** Programs that read our pipes get UTF-8, whatever the terminal shows. */
function sinkOf(stream: NodeJS.WriteStream): Sink {
  const write: Sink['write'] = (text, done) => stream.write(text, done);
  return { write, isAscii: stream.isTTY && noUtf8(process.env) !== undefined };
}

/** The first signal asks the verb to end, with the exit code as the reason. */
function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (exit: number): void => {
    controller.abort(new Failure({ code: 'interrupted', message: 'Interrupted.', exit }));
  };
  for (const [name, exit] of Object.entries(SIGNALS)) process.on(name, () => abort(exit));
  return controller.signal;
}

/** Never resolves; rejects some time after the signal, for verbs that do not end by themselves. */
async function rejectLate(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    const late = (): void => {
      setTimeout(() => reject(signal.reason as Error), GRACE_MS);
    };
    signal.addEventListener('abort', late, { once: true });
  });
}

process.exit(await main());

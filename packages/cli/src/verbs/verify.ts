import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { failure, usageFailure } from '../failure.ts';

type Verifier = Awaited<ReturnType<typeof load>>;

/** Lets people talk on a Parley while it is broken, and judges: 1 when a promise is broken, 69 when it cannot be tried. */
export async function run({ line, env, settings, output }: Context): Promise<number> {
  const [word] = line.args;
  if (word !== undefined) throw usageFailure(`${word} means nothing here.`, 'Run: parley help verify');
  const verifier = await load();
  const command = read(verifier, line.flags as Readonly<Record<string, string>>, env);
  const { stderr } = process;
  const ending = await verifier.verify(command, {
    // As notes are: not with --quiet, nor between errors in JSON.
    write: (text) => settings.quiet || settings.json || stderr.write(text),
    columns: () => (stderr.isTTY ? stderr.columns : undefined),
  });
  switch (ending.kind) {
    case 'interrupted':
      output.note('Interrupted; everything was put back.');
      return ending.exit;
    case 'impossible':
      throw failure('unreachable', 'cannot_verify', ending.message);
    case 'judged':
      output.result({ type: 'verdict', ...verifier.verdictJson(ending.verdict) }, ending.text);
      return ending.verdict.ok ? EXIT.done : EXIT.failed;
  }
}

/** It starts servers and is big: it is here in a clone, and where somebody installed it. */
async function load() {
  try {
    return await import('@parley/verify');
  } catch (error) {
    if (!isMissing(error)) throw error;
    const message = 'parley verify needs the package @parley/verify, which is not installed here.';
    throw failure('unreachable', 'no_verify', message);
  }
}

/** It is missing itself, and not something that it needs. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes("'@parley/verify'");
}

function read(
  verifier: Verifier,
  flags: Readonly<Record<string, string>>,
  env: Context['env'],
): ReturnType<Verifier['readCommand']> {
  try {
    return verifier.readCommand(flags, env);
  } catch (error) {
    if (error instanceof verifier.UsageError) throw usageFailure(error.message, 'Run: parley help verify');
    throw error;
  }
}

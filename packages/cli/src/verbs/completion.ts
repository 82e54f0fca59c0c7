import { completionScript, SHELLS } from '../completion.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';

/** Prints a script for a shell. */
export async function run({ output, line }: Context): Promise<number> {
  const shell = SHELLS.find((name) => name === line.args[0]);
  if (shell === undefined) throw usageFailure('parley completion bash, zsh or fish');
  await output.exact(completionScript(shell));
  return EXIT.done;
}

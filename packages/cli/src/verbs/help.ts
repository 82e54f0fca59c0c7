import { noSuchVerb } from '../argv.ts';
import { findVerb } from '../command-table.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { programHelp, verbHelp } from '../help.ts';
import type { Output } from '../output.ts';

/** Prints help for the program, or for a verb. */
export function printHelp(output: Output, name = ''): number {
  const verb = findVerb(name);
  if (verb === undefined && name !== '') throw noSuchVerb(name);
  output.text(verb === undefined ? programHelp() : verbHelp(verb));
  return EXIT.done;
}

/** Prints help for the verb that is named, else for the program. Throws a Failure (2) when there is no such verb. */
export async function run({ output, line }: Context): Promise<number> {
  return await Promise.resolve(printHelp(output, line.args[0]));
}

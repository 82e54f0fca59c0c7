import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { manPage, markdownManual } from '../manual.ts';
import { release } from './version.ts';

/** Prints the manual. */
export async function run({ output, line }: Context): Promise<number> {
  await output.exact(line.flags['markdown'] === true ? markdownManual() : manPage(release()));
  return EXIT.done;
}

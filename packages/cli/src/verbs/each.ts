import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { toFailure } from '../failure.ts';

/** Does something for each target, in order; those that fail are told one by one. 3 when only some did. */
export async function forEach(
  { output }: Context,
  targets: readonly string[],
  act: (target: string) => Promise<void>,
): Promise<number> {
  const exits: number[] = [];
  for (const target of targets) {
    try {
      await act(target);
    } catch (error) {
      const failure = toFailure(error);
      if (targets.length === 1) throw failure;
      output.error(failure);
      exits.push(failure.exit);
    }
  }
  return exitOfAll(exits, targets.length);
}

/** How a run ends in which some of several things failed: 3 when only some did, else as the first that failed. */
export function exitOfAll(failed: readonly number[], count: number): number {
  const [first] = failed;
  if (first === undefined) return EXIT.done;
  return failed.length < count ? EXIT.partly : first;
}

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Running, RunOptions, World } from './world.ts';
import { waitFor } from './world.ts';

/** Says which process the program becomes, and how the terminal is before and after it. */
const IN_TERMINAL = `
echo "before $(stty -g)"
sh -c 'echo "pid $$"; exec "$@"' sh "$@"
echo "exit $?, after $(stty -g) end"
`;

/** The program on a terminal of its own, made by `script`. */
export interface OnTerminal {
  readonly running: Running;
  readonly pid: number;
  /** Waits until the terminal has shown this. */
  readonly shows: (text: string) => Promise<void>;
  /** What stood in the terminal's settings before; after, as far as it has ended, and how it ended. */
  readonly before: string;
  readonly end: () => Promise<{ readonly exit: number; readonly after: string }>;
}

/** Undefined where there is no `script` like that of Linux. */
export async function startOnTerminal(
  world: World,
  args: readonly string[],
  { env = {} }: Pick<RunOptions, 'env'> = {},
): Promise<OnTerminal | undefined> {
  const file = path.join(world.folder, 'in-terminal.sh');
  writeFileSync(file, IN_TERMINAL);
  const under = ['sh', '-c', `exec script -qec "sh ${file} $(printf "'%s' " "$@")" /dev/null`, 'sh'];
  const running = world.start(args, { under, env: { TERM: 'xterm', ...env } });
  const shows = async (text: string): Promise<void> =>
    await waitFor(() => running.stdout().includes(text), running.stdout);
  const isThere = await Promise.race([shows('pid ').then(() => true), running.ended.then(() => false)]);
  if (!isThere) return undefined;
  await waitFor(() => /pid \d+\r?\n/.test(running.stdout()), running.stdout);
  return {
    running,
    pid: Number(/pid (\d+)/.exec(running.stdout())?.[1]),
    shows,
    before: /before (\S+)/.exec(running.stdout())?.[1] ?? '',
    end: async () => {
      await waitFor(() => / end\r?\n/.test(running.stdout()), running.stdout);
      const [, exit, after = ''] = /exit (\d+), after (\S+) end/.exec(running.stdout()) ?? [];
      return { exit: Number(exit), after };
    },
  };
}

import { spawn } from 'node:child_process';
import { WITH_US } from './with-us.ts';

/** What a program that ended had to say. */
export interface Outcome {
  /** null: it could not be started, or died of a signal. */
  readonly code: number | null;
  /** What it wrote to standard output and standard error. */
  readonly said: string;
}

/**
 * Runs a program to its end; should this process be killed, so is the program.
 *
 * @param command the program and its arguments
 * @param options `input` is written to its standard input
 */
export async function run(
  command: readonly string[],
  { env = process.env, input = '' }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Outcome> {
  const [program = '', ...args] = [...WITH_US, ...command];
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.on('error', () => {}); // it need not read what it is given
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, said: error.message }));
    child.once('close', (code) => resolve({ code, said }));
  });
}

/**
 * Runs a program that has to succeed.
 * @returns what it said
 * @throws Error with the end of what it said
 */
export async function mustRun(command: readonly string[], options?: Parameters<typeof run>[1]): Promise<string> {
  const { code, said } = await run(command, options);
  if (code === 0) return said;
  throw new Error(`${command.join(' ').slice(0, 200)} failed: ${said.slice(-1_000).trim()}`);
}

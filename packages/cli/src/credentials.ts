import { hostname } from 'node:os';
import { LIMITS } from '@parley/protocol';
import type { Context } from './context.ts';
import { usageFailure } from './failure.ts';
import { readLines } from './stdin-lines.ts';
import { askLine, askSecret } from './term/prompt.ts';

/** Takes the password from stdin with --password-stdin, else asks without echo. Never from the arguments. */
export async function takePassword(context: Context, isNew: boolean): Promise<string> {
  if (context.line.flags['password-stdin'] === true) return await firstLine(context, 'password');
  if (context.settings.noInput) throw usageFailure('A password is needed.', 'Give it on stdin, with --password-stdin.');
  const password = await askSecret('Password: ', context.signal);
  if (password === undefined) throw usageFailure('No password was given.');
  refuseBroken(password);
  if (isNew && (await askSecret('Again: ', context.signal)) !== password)
    throw usageFailure('The two passwords differ.');
  return password;
}

/** Takes the token from the first line of stdin; it is never asked for. Throws a Failure (2) when there is none. */
export async function takeToken(context: Context): Promise<string> {
  return await firstLine(context, 'token');
}

/** What the new log-in is called among the account's devices: --device, else the program and the machine. */
export function deviceName({ line }: Pick<Context, 'line'>): string {
  const { device } = line.flags;
  return typeof device === 'string'
    ? device
    : `parley on ${hostname()}`.slice(0, LIMITS.deviceNameCodePoints).toWellFormed();
}

/** The name from the arguments, else asked for. */
export async function takeName(context: Context): Promise<string> {
  const [name, ...more] = context.line.args;
  if (more.length > 0) throw usageFailure('One name is enough.', 'A password is never an argument: it is asked for.');
  if (name !== undefined) return name;
  if (context.settings.noInput) throw usageFailure('A name is needed.');
  const asked = await askLine('Name: ', context.signal);
  if (asked === undefined) throw usageFailure('No name was given.');
  refuseBroken(asked);
  return asked;
}

/** Nobody means U+FFFD in a name or password: it stands for what the terminal did not send as UTF-8 (C65). */
function refuseBroken(typed: string): void {
  if (typed.includes('\uFFFD')) throw usageFailure('What was typed is not UTF-8.');
}

async function firstLine({ stdin, signal }: Context, what: string): Promise<string> {
  for await (const line of readLines(stdin, signal)) {
    if (line === undefined) throw usageFailure(`The ${what} on stdin is not UTF-8.`);
    if (line !== '') return line;
    break;
  }
  throw usageFailure(`There is no ${what} on stdin.`);
}

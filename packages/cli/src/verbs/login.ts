import type { LoginReply } from '@parley/protocol';
import { toPerson } from '../addresses.ts';
import { type Context, connectOnly, keepNewSession, keepSession, prepareProfile } from '../context.ts';
import { deviceName, takeName, takePassword, takeToken } from '../credentials.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';

/** Logs in with a password, or with a token of a device. */
export async function run(context: Context): Promise<number> {
  return context.line.flags['token-stdin'] === true ? await withToken(context) : await withPassword(context);
}

async function withPassword(context: Context): Promise<number> {
  const name = await takeName(context);
  const user = toPerson(name);
  const password = await takePassword(context, false);
  // A number names a profile as well as a name does, until the server says whose it is.
  prepareProfile(context, name);
  await using client = await connectOnly(context);
  const reply = await client.login({ user, password, device: deviceName(context) });
  const profile = prepareProfile(context, reply.user.name);
  await keepNewSession(context, client, { profile, reply });
  reportLogin(context, { profile, reply, word: 'Logged in' });
  return EXIT.done;
}

async function withToken(context: Context): Promise<number> {
  const token = await takeToken(context);
  await using client = await connectOnly(context);
  const reply = await client.resume(token);
  const profile = prepareProfile(context, reply.user.name);
  keepSession(context, profile, { ...reply, token });
  reportLogin(context, { profile, reply, word: 'Logged in' });
  return EXIT.done;
}

/** Says who is logged in now, and where. */
export function reportLogin(
  { output, settings }: Context,
  { profile, reply, word }: { profile: string; reply: LoginReply; word: string },
): void {
  const { user, device } = reply;
  output.report(
    { type: 'login', user: { id: user.id, name: user.name }, device, server: settings.server, profile },
    `${word} at ${settings.server} as ${safe(user.name)} (number ${user.id}), profile ${safe(profile)}.`,
  );
}

import {
  ChatClient,
  type ClientOptions,
  connect,
  describeError,
  LocalStore,
  makePrivateFolder,
  Outbox,
  type StoreFile,
} from '@parley/client';
import { type LoginReply, nameKey, type UserRef } from '@parley/protocol';
import type { CommandLine } from './argv.ts';
import { noteLastProfile } from './disk/last-profile.ts';
import { type Env, profileFolder, storeFile } from './disk/paths.ts';
import { readSession, removeSession, writeSession } from './disk/session-file.ts';
import { EXIT } from './exit-codes.ts';
import { configFailure, Failure, usageFailure } from './failure.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** What a verb is given. */
export interface Context {
  readonly line: CommandLine;
  readonly settings: Settings;
  readonly output: Output;
  readonly env: Env;
  readonly stdin: NodeJS.ReadStream;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Connects without logging in. */
export async function connectOnly(context: Context): Promise<ChatClient> {
  return await open(context, {});
}

/**
 * Connects and resumes the session that the settings name. Throws a Failure (4) when there is none.
 * The caller closes the client.
 */
export async function connectWithSession(context: Context, options: ClientOptions = {}): Promise<ChatClient> {
  const token = sessionToken(context);
  const client = await open(context, { ...options, token });
  noteUse(context);
  return client;
}

/**
 * A client that comes on-line in the background and comes back by itself; also when there is no server now.
 * Throws a Failure (4) when there is no session. The caller closes it.
 */
export function startWithSession(context: Context): ChatClient {
  const client = new ChatClient({ ...clientOptions(context), token: sessionToken(context), reconnect: true });
  // What becomes of it is told by its status, and by whatever waits for it.
  client.connect(context.signal).catch(() => undefined);
  noteUse(context);
  return client;
}

/** Whose files are meant. */
export interface Login {
  readonly profile: string;
  readonly user: UserRef;
}

/** The log-in that the settings name; undefined when there is only a token, or none: then nothing is kept. */
function loginOf({ settings }: Context): Login | undefined {
  const { profile, session } = settings;
  return profile === undefined || session === undefined ? undefined : { profile, user: session.user };
}

/**
 * Opens something that lives in a profile's file. Undefined when there is no profile.
 * Throws a Failure (78) that names the file when it cannot be used.
 */
function openIn<T>({ settings }: Context, login: Login | undefined, make: (file: StoreFile) => T): T | undefined {
  if (login === undefined) return undefined;
  const { profile, user } = login;
  const file = storeFile(settings.paths, profile);
  try {
    return make({ file, account: `${user.name} (${user.id}) at ${settings.server}` });
  } catch (error) {
    const message = `${file} cannot be used: ${describeError(error)}.`;
    throw configFailure(message, 'PARLEY_HOME names another folder; -p another profile.');
  }
}

/** The same, for who can do without. */
function tryOpenIn<T>(context: Context, login: Login | undefined, make: (file: StoreFile) => T): T | undefined {
  try {
    return openIn(context, login, make);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.output.detail(error.message);
    return undefined;
  }
}

/** The profile's outbox, for who cannot do without. Throws a Failure (2 or 78). */
export function openOutbox(context: Context, client: ChatClient): Outbox {
  const outbox = openIn(context, loginOf(context), (file) => new Outbox(client, file));
  if (outbox === undefined) throw usageFailure('There is no outbox without a profile: with a token nothing is kept.');
  return outbox;
}

/**
 * The profile's outbox. Undefined when there is no profile, or its file cannot be used: --verbose tells why. The caller
 * closes it.
 */
export function tryOpenOutbox(context: Context, client: ChatClient, login = loginOf(context)): Outbox | undefined {
  return tryOpenIn(context, login, (file) => new Outbox(client, file));
}

/** The device's copy of what was said, for --offline. Throws a Failure (4 or 78). */
export function openLocalStore(context: Context): LocalStore {
  sessionToken(context);
  const store = openIn(context, loginOf(context), (file) => new LocalStore(file));
  if (store === undefined) throw usageFailure('Without a profile nothing is kept to be read off-line.');
  return store;
}

/**
 * The device's copy of what was said, to keep more in. Undefined when there is no profile, or its file cannot be used.
 * The caller closes it.
 */
export function tryOpenLocalStore(context: Context, login = loginOf(context)): LocalStore | undefined {
  return tryOpenIn(context, login, (file) => new LocalStore(file));
}

/** The token to log in with. Throws a Failure (4) when there is none. */
export function sessionToken({ settings }: Context): string {
  const token = settings.token ?? settings.session?.token;
  if (token !== undefined) return token;
  const who = settings.profile === undefined ? '' : ` as ${settings.profile}`;
  throw new Failure({
    code: 'auth_required',
    message: `Not logged in to ${settings.server}${who}.`,
    hint: 'Run: parley login',
    exit: EXIT.notLoggedIn,
  });
}

/** Options of the client that follow from the settings. */
export function clientOptions({ settings }: Context): ClientOptions {
  const { server, timeoutMs } = settings;
  return { server, requestTimeoutMs: timeoutMs, connectTimeoutMs: timeoutMs, clientName: 'parley-cli' };
}

async function open(context: Context, options: ClientOptions): Promise<ChatClient> {
  const { settings, output } = context;
  output.detail(`connecting to ${settings.server}`);
  // With `reconnect` the attempts have no end of their own.
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(settings.timeoutMs)]);
  const client = await connect({ ...clientOptions(context), ...options }, signal);
  output.detail(`connected, release ${client.serverHello?.release ?? 'unknown'}`);
  return client;
}

/**
 * The profile that a log-in under `name` goes into: the named one; else the one of that name, or `name@server` when
 * that belongs to another server. Makes its folder, so that a home that cannot be written to is found out before
 * there is a token to lose. Throws a Failure: 78, or 2 when the named profile is someone else's.
 */
export function prepareProfile({ settings }: Context, name: string): string {
  const { paths, server } = settings;
  const named = settings.isProfileNamed ? settings.profile : undefined;
  if (named !== undefined) refuseOther(settings, named, name);
  const there = named === undefined ? readSession(profileFolder(paths, name)) : undefined;
  const profile = named ?? (there === undefined || there.server === server ? name : `${name}@${server}`);
  const folder = profileFolder(paths, profile);
  try {
    makePrivateFolder(folder);
  } catch (error) {
    const message = `The log-in could not be kept: cannot write ${folder}: ${describeError(error)}.`;
    throw configFailure(message, 'PARLEY_HOME names another folder; PARLEY_TOKEN works without one.');
  }
  return profile;
}

/** Another's log-in is not written over: its token would be lost, and stay valid. */
function refuseOther({ session }: Settings, profile: string, name: string): void {
  const isNumber = /^@?\d+$/.test(name);
  if (session === undefined || isNumber || nameKey(session.user.name) === nameKey(name.replace(/^@/, ''))) return;
  const hint = `Without -p ${name} gets a profile of that name; or log out first: parley -p ${profile} logout`;
  throw usageFailure(`The profile ${profile} is logged in as ${session.user.name}.`, hint);
}

/** Keeps a log-in in a profile, which is the last one used from now on. */
export function keepSession({ settings }: Context, profile: string, reply: LoginReply & { token: string }): void {
  const { paths, server } = settings;
  const { user, device, token } = reply;
  writeSession(profileFolder(paths, profile), { server, user, device, token });
  noteLastProfile(paths, profile, server);
}

/** The same for a log-in that was just made: when it cannot be kept it is ended, or nobody would ever end it. */
export async function keepNewSession(
  context: Context,
  client: ChatClient,
  { profile, reply }: { profile: string; reply: LoginReply },
): Promise<void> {
  try {
    keepSession(context, profile, { ...reply, token: reply.token ?? '' });
  } catch (error) {
    await client.logout().catch(() => undefined);
    throw error;
  }
}

/** Forgets a profile's log-in. */
export function forgetSession({ settings }: Context, profile: string): void {
  removeSession(profileFolder(settings.paths, profile));
}

/** The profile is the last one used; a home that cannot be written to does not matter here. */
function noteUse({ settings }: Context): void {
  if (settings.profile === undefined || settings.token !== undefined) return;
  try {
    noteLastProfile(settings.paths, settings.profile, settings.server);
  } catch {
    // Reading the session worked, and that is what was asked for.
  }
}

import { statSync } from 'node:fs';
import { type ChatClient, ClientError, connect, describeError } from '@parley/client';
import { type Context, clientOptions, openOutbox } from '../context.ts';
import { profileFolder, storeFile } from '../disk/paths.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { toFailure } from '../failure.ts';
import { release } from './version.ts';

/** One line of the report. */
interface Finding {
  readonly about: string;
  readonly ok: boolean;
  readonly text: string;
}

/** Reports on the terminal, the files and the way to the server: 1 when something is wrong. Never shows a secret. */
export async function run(context: Context): Promise<number> {
  const { output } = context;
  let exit: number = EXIT.done;
  const tell = ({ about, ok, text }: Finding): void => {
    if (!ok) exit = EXIT.failed;
    output.result({ type: 'finding', about, ok, text }, `${ok ? 'ok  ' : 'BAD '} ${about.padEnd(9)} ${safe(text)}`);
  };
  for (const finding of [program(), terminal(context), config(context), ...files(context)]) tell(finding);
  const server = await reach(context);
  if ('failure' in server) {
    tell({ about: 'server', ok: false, text: `${context.settings.server}: ${server.failure.message}` });
    return server.failure.exit;
  }
  await using client = server.client;
  tell(await link(context, client));
  tell(outboxOf(context, client));
  return exit;
}

function program(): Finding {
  return { about: 'program', ok: true, text: `parley ${release()}, Node.js ${process.version}, ${process.platform}` };
}

function terminal({ env, stdin }: Context): Finding {
  const { columns, rows, isTTY } = process.stdout;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const isUtf8 = /utf-?8/i.test(locale);
  const size = isTTY ? `${columns}×${rows}` : 'stdout is no terminal';
  const input = stdin.isTTY ? '' : ', stdin is no terminal';
  return {
    about: 'terminal',
    ok: isUtf8 || !isTTY,
    text: `TERM=${env['TERM'] ?? ''}, ${size}${input}, locale ${locale === '' ? 'not set' : locale}${isUtf8 ? '' : ' (not UTF-8)'}`,
  };
}

function config({ settings }: Context): Finding {
  const who = settings.token === undefined ? (settings.profile ?? 'none yet') : 'a token from the environment';
  return { about: 'settings', ok: true, text: `${settings.configFile}; profile: ${who}` };
}

function files({ settings }: Context): Finding[] {
  const { paths, profile, token } = settings;
  if (profile === undefined || token !== undefined) return [];
  return [profileFolder(paths, profile), storeFile(paths, profile)].map((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    const mode = found === undefined ? 'not there yet' : (found.mode & 0o777).toString(8);
    return { about: 'file', ok: found === undefined || (found.mode & 0o077) === 0, text: `${file}: ${mode}` };
  });
}

async function reach(context: Context): Promise<{ client: ChatClient } | { failure: ReturnType<typeof toFailure> }> {
  const { settings } = context;
  const token = settings.token ?? settings.session?.token;
  try {
    return { client: await connect({ ...clientOptions(context), ...(token === undefined ? {} : { token }) }) };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

async function link({ settings }: Context, client: ChatClient): Promise<Finding> {
  const start = performance.now();
  try {
    await client.request('ping', {});
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { about: 'server', ok: false, text: describeError(error) };
  }
  const ms = (performance.now() - start).toFixed(1);
  const who = client.user === undefined ? 'not logged in' : `logged in as ${client.user.name}`;
  const hello = client.serverHello;
  return {
    about: 'server',
    ok: true,
    text: `${settings.server}: release ${hello?.release}, protocol ${hello?.version}, answers in ${ms} ms, ${who}`,
  };
}

/** A home that cannot be written to, a full disk: nothing that is sent waits there. */
function outboxOf(context: Context, client: ChatClient): Finding {
  const { profile, session } = context.settings;
  if (profile === undefined || session === undefined) return { about: 'outbox', ok: true, text: 'not in use' };
  try {
    using outbox = openOutbox(context, client);
    const items = outbox.items();
    return { about: 'outbox', ok: items.length === 0, text: `${items.length} waiting or refused` };
  } catch (error) {
    return { about: 'outbox', ok: false, text: toFailure(error).message };
  }
}

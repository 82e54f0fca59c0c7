import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { PROTOCOL_VERSION } from '@parley/protocol';
import type { Endpoint } from '../crowd/endpoint.ts';
import { NOT_OURS } from '../faults/fault.ts';
import { LoadLink } from '../load/load-link.ts';
import type { DatabasePlace, Running } from '../run/options.ts';
import { readMysql } from './read-mysql.ts';
import { readSqlite } from './read-sqlite.ts';
import type { ReadDatabase, RecordSink, System } from './system.ts';

const ANSWER_MS = 3_000;
/** What a folder of data has in it. */
const FILE = 'parley.db';
/** Numbers of groups begin with 1. */
const NO_CONVERSATION: ReadonlySet<string> = new Set(['g0']);
const NOWHERE: RecordSink = { now: () => 0, write: () => {}, settle: async () => {} };

/**
 * A Parley that was started by somebody else, and is left as it is: nothing of it is broken, and only what the crowd does is
 * read. Changes nothing.
 * @throws Error with one sentence when an address does not answer as a Parley does, or the database cannot be read
 */
export async function joinRunning({ at, database }: Running): Promise<System> {
  for (const endpoint of at) await assertParley(endpoint);
  const readDatabase = database && (await openReader(database));
  return {
    store: database?.kind ?? 'unknown',
    endpoints: at,
    asked: at,
    nodes: [],
    database: undefined,
    redis: undefined,
    nginx: undefined,
    disk: NOT_OURS,
    heal: async () => {},
    isOurs: false,
    readDatabase,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function assertParley({ name, host = '127.0.0.1', port }: Endpoint): Promise<void> {
  let link: LoadLink;
  try {
    link = await LoadLink.connect({ host, port, terminator: 'lf', connectMs: ANSWER_MS });
  } catch (error) {
    throw new Error(`nobody answers on ${name} (${(error as Error).message})`, { cause: error });
  }
  try {
    const answer = await firstFrame(link, { id: 1, op: 'hello', versions: [PROTOCOL_VERSION] });
    const complaint = complaintAbout(answer);
    if (complaint !== undefined) throw new Error(`what answers on ${name} ${complaint}`);
  } finally {
    link.reset();
  }
}

/** Undefined when nothing came in time. */
async function firstFrame(link: LoadLink, request: object): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  link.onFrame = resolve;
  link.onClosed = () => resolve(undefined);
  const late = setTimeout(() => resolve(undefined), ANSWER_MS);
  link.write(JSON.stringify(request));
  return promise.finally(() => clearTimeout(late));
}

function complaintAbout(answer: string | undefined): string | undefined {
  const { re, ok, err } = parse(answer);
  if (re !== 1) return 'is no Parley';
  if (typeof err?.code === 'string') return `refuses: ${err.code}`;
  return ok?.version === PROTOCOL_VERSION ? undefined : 'is no Parley';
}

function parse(text = ''): { re?: unknown; ok?: { version?: unknown }; err?: { code?: unknown } } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

async function openReader(place: DatabasePlace): Promise<ReadDatabase> {
  const read = readerOf(place);
  try {
    await read(NOWHERE, NO_CONVERSATION);
  } catch (error) {
    throw new Error(`the database cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return read;
}

function readerOf(place: DatabasePlace): ReadDatabase {
  if (place.kind === 'mysql') return (sink, only) => readMysql(place.url, sink, only);
  const file = statSync(place.file, { throwIfNoEntry: false })?.isDirectory()
    ? path.join(place.file, FILE)
    : place.file;
  if (!existsSync(file)) throw new Error(`there is no database ${file}`);
  return (sink, only) => readSqlite(file, sink, only);
}

/** Whether the database has anything of this conversation: if not, it is not the one of this Parley. */
export async function hasConversation(read: ReadDatabase, conversation: string): Promise<boolean> {
  return (await read(NOWHERE, new Set([conversation]))) > 0;
}

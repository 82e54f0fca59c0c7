import { concurrently, loopbackAddress, repeatFor } from '../../load/concurrently.ts';
import { NativeSession } from '../../load/native-session.ts';
import { startRelayChild } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { busyUsers, tokenOf } from '../world/world.ts';

/** Users that come back at once when the connections are there already. */
const STORM = 1_000;
/** Users that are coming back at any time when each connects first. */
const WIDTH = 32;
/** Everybody starts with nothing: all conversations of the account are told. */
const SYNC = { default: { mode: 'lazy', last: 0 }, state: { rev: 0, tag: 0 } };

type TokenOf = (user: number) => string;

/** Coming back with a token, in three measures: the log-in alone, with its sync, and with the connection as well. */
export async function benchResume(context: BenchContext): Promise<void> {
  const { options, report, size } = context;
  report.begin(`resume with token, users with 20 conversations each`);
  await using parley = await context.startParley();
  await using relay = await startRelayChild('native');
  const users = busyUsers(size);
  const measures = {
    resume: (port: number, of: TokenOf) => storm({ port, of, users, sync: false }),
    'resume and sync': (port: number, of: TokenOf) => storm({ port, of, users, sync: true }),
    'connect, resume and sync': (port: number, of: TokenOf) => comeAndGo({ port, of, users, ms: options.measureMs }),
  };
  for (const [name, measure] of Object.entries(measures)) {
    const figure = { ours: [] as number[], bound: [] as number[] };
    await measure(parley.port, tokenOf);
    await measure(relay.port, String);
    for (let round = 0; round < options.rounds; round += 1) {
      figure.ours.push(await measure(parley.port, tokenOf));
      figure.bound.push(await measure(relay.port, String));
    }
    report.add({ name, unit: 'users/s', better: 'more', ...figure, limits: [{ of: 'median', atLeast: 2_000 }] });
  }
}

interface Storm {
  readonly port: number;
  readonly of: TokenOf;
  readonly users: number;
  readonly sync: boolean;
}

/** All are connected; then all resume at once. Users a second until the last is done. */
async function storm({ port, of, users, sync }: Storm): Promise<number> {
  const sessions = await concurrently(STORM, 100, (number) => NativeSession.connect(port, loopbackAddress(number)));
  const begin = performance.now();
  await Promise.all(sessions.map((session, number) => comeBack(session, of((number % users) + 1), sync)));
  const seconds = (performance.now() - begin) / 1_000;
  for (const session of sessions) session.end();
  return STORM / seconds;
}

/** Users that connect, resume, sync and go, one after another in some lanes. */
async function comeAndGo({ port, of, users, ms }: Omit<Storm, 'sync'> & { ms: number }): Promise<number> {
  const { done, seconds } = await repeatFor(ms, WIDTH, async (number) => {
    const session = await NativeSession.connect(port, loopbackAddress(number));
    await comeBack(session, of((number % users) + 1), true);
    session.end();
  });
  return done / seconds;
}

/** Pipelined, as a client does it: the sync does not wait for the answer to the resume. */
async function comeBack(session: NativeSession, token: string, sync: boolean): Promise<void> {
  const resumed = session.request('resume', { token });
  if (sync) await session.sync(SYNC);
  await resumed;
}

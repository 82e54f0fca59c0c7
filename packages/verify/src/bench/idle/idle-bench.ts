import { setTimeout as sleep } from 'node:timers/promises';
import { concurrently, loopbackAddress } from '../../load/concurrently.ts';
import { NativeSession } from '../../load/native-session.ts';
import { startRelayChild, type Target } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { formatNumber } from '../output.ts';
import { tokenOf } from '../world/world.ts';
import { openFilesLimit, residentBytes } from './resident.ts';

/** Sessions that come and go before the count, so that code and caches are not booked on sessions. */
const WARM_UP_SESSIONS = 500;
/** Time for garbage to be collected, with what idle clients do meanwhile: pings. */
const SETTLE_MS = 15_000;
const PING_MS = 5_000;
/** Descriptors for everything that is not a session. */
const SPARE_FILES = 200;

/**
 * Memory of a session that is logged in, synced and idle: growth of the server's resident memory ÷ sessions. Users 1 to
 * 2,000 have 20 conversations each, those after them 2. The bound is a connection to the relay without a log-in.
 */
export async function benchIdle(context: BenchContext): Promise<void> {
  const { options, report } = context;
  const count = Math.min(options.idleSessions, openFilesLimit() - SPARE_FILES);
  report.begin(`memory of ${formatNumber(count)} idle sessions, after ${SETTLE_MS / 1_000} s of pings`);
  if (count < options.idleSessions) report.note(`only ${count}, because of the limit of open files (ulimit -n)`);
  await using parley = await context.startParley();
  await using relay = await startRelayChild('native');
  const ours = await growth(parley, count, logIn);
  const bound = await growth(relay, count, (port, number) => NativeSession.connect(port, loopbackAddress(number)));
  const unit = 'kB a session';
  report.note(`resident before: ${formatNumber(ours.before / 1e6)} MB; relay ${formatNumber(bound.before / 1e6)} MB`);
  const half = { better: 'less', unit, limits: [] } as const;
  const whole = { ...half, limits: [{ of: 'best', atMost: 12 }] } as const;
  report.add({ ...whole, name: 'idle session', ours: [ours.all], bound: [bound.all] });
  report.add({ ...half, name: 'idle session, second half', ours: [ours.secondHalf], bound: [bound.secondHalf] });
}

type Connect = (port: number, number: number) => Promise<NativeSession>;

async function logIn(port: number, number: number): Promise<NativeSession> {
  const session = await NativeSession.connect(port, loopbackAddress(number));
  await session.request('resume', { token: tokenOf(number + 1) });
  await session.syncFromNow();
  return session;
}

/** kB a session: over all, and of the second half only, which no start-up cost is part of. */
async function growth(
  { port, pid }: Target,
  count: number,
  connect: Connect,
): Promise<{ before: number; all: number; secondHalf: number }> {
  for (const session of await concurrently(WARM_UP_SESSIONS, 50, (number) => connect(port, number))) session.end();
  await sleep(SETTLE_MS);
  const before = residentBytes(pid);
  const firstHalf = Math.floor(count / 2);
  const sessions = await concurrently(firstHalf, 50, (number) => connect(port, number));
  await pingFor(sessions, SETTLE_MS);
  const halfway = residentBytes(pid);
  sessions.push(...(await concurrently(count - firstHalf, 50, (number) => connect(port, firstHalf + number))));
  await pingFor(sessions, SETTLE_MS);
  const after = residentBytes(pid);
  for (const session of sessions) session.end();
  return {
    before,
    all: (after - before) / 1_000 / count,
    secondHalf: (after - halfway) / 1_000 / (count - firstHalf),
  };
}

async function pingFor(sessions: readonly NativeSession[], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += PING_MS) {
    await Promise.all(sessions.map((session) => session.request('ping')));
    await sleep(PING_MS);
  }
}

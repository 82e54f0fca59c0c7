import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { repeatFor } from '../../load/concurrently.ts';
import { NativeSession } from '../../load/native-session.ts';
import type { BenchContext } from '../context.ts';
import { busyUsers, PASSWORD } from '../world/world.ts';

/** Log-ins under way at once: enough that hashing, not waiting, is the bound. */
const WIDTH = 16;

/** Log-in with password and registration. The bound is the hash itself, which has to be slow. */
export async function benchLogin(context: BenchContext): Promise<void> {
  const { options, report, size } = context;
  report.begin(`log-in with password and registration, ${WIDTH} at once, connection included`);
  await using parley = await context.startParley();
  const rates = { hash: [] as number[], login: [] as number[], register: [] as number[] };
  for (let round = 0; round < options.rounds; round += 1) {
    rates.hash.push(await rateOf(options.measureMs, 2, hashOnce));
    const logIn = (number: number) =>
      askOnce(parley.port, 'login', { user: (number % busyUsers(size)) + 1, password: PASSWORD });
    rates.login.push(await rateOf(options.measureMs, WIDTH, logIn));
    const register = (number: number) =>
      askOnce(parley.port, 'register', { name: `new-${round}-${number}`, password: PASSWORD });
    rates.register.push(await rateOf(options.measureMs, WIDTH, register));
  }
  const shared = { better: 'more', bound: rates.hash, limits: [] } as const;
  report.note('relay here: argon2id alone, two at once, in this process');
  report.add({ ...shared, name: 'log-in with password', unit: 'log-ins/s', ours: rates.login });
  report.add({ ...shared, name: 'registration', unit: 'accounts/s', ours: rates.register });
}

async function rateOf(ms: number, width: number, work: (number: number) => Promise<void>): Promise<number> {
  const { done, seconds } = await repeatFor(ms, width, work);
  return done / seconds;
}

async function askOnce(port: number, op: string, fields: object): Promise<void> {
  const session = await NativeSession.connect(port);
  await session.request(op, fields);
  session.end();
}

const hash = promisify(argon2);

async function hashOnce(): Promise<void> {
  const costs = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
  await hash('argon2id', { message: PASSWORD, nonce: randomBytes(16), ...costs });
}

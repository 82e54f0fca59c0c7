import { type Context, connectWithSession } from '../context.ts';
import { parseCount } from '../durations.ts';
import { ago, safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';

/** Lists the account's log-ins, or revokes one. */
export async function run(context: Context): Promise<number> {
  const [word = 'ls', id, ...more] = context.line.args;
  if (word === 'ls' && id === undefined) return await list(context);
  if (word === 'revoke' && id !== undefined && more.length === 0)
    return await revoke(context, parseCount(id, 'revoke'));
  throw usageFailure('parley devices wants nothing, ls, or revoke ID.');
}

async function list(context: Context): Promise<number> {
  await using client = await connectWithSession(context);
  const { devices } = await client.request('devices', {});
  for (const { id, name, createdAt, lastSeenAt, current } of devices) {
    const [created_at, last_seen_at] = [new Date(createdAt).toISOString(), new Date(lastSeenAt).toISOString()];
    context.output.result(
      { type: 'device', id, name, created_at, last_seen_at, current },
      `${id}  ${safe(name)}  last seen ${ago(lastSeenAt, Date.now())}${current ? '  (this one)' : ''}`,
    );
  }
  return EXIT.done;
}

async function revoke(context: Context, device: number): Promise<number> {
  await using client = await connectWithSession(context);
  await client.request('revoke', { device });
  context.output.report({ type: 'ok', op: 'revoke', device }, `Device ${device} is logged out.`);
  return EXIT.done;
}

/**
 * Renews the lease of a node and tells of all that are held, by the clock of Redis: nodes' clocks differ. One that would
 * live for longer than a set of users was given before that clock was put back.
 * KEYS: leases, the node's users. ARGV: node, its number, how long the lease and the set of users live in milliseconds.
 * @returns whether the node still had a lease (1 or 0), then names and numbers by turns, its own among them
 */
export const RENEW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local had = 0
local held = {}
redis.call('PEXPIRE', KEYS[2], ARGV[4])
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
local leases = redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  local untilMs, number = string.match(leases[i + 1], '^(%d+) (%d+)$')
  local leftMs = untilMs and tonumber(untilMs) - now or 0
  if leftMs <= 0 or leftMs > tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[1], leases[i])
  elseif leases[i] == ARGV[1] then
    had = 1
  else
    held[#held + 1] = leases[i]
    held[#held + 1] = number
  end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now + ARGV[3], ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
table.insert(held, 1, had)
return held
`;

/** What `RENEW` tells. */
export interface Leases {
  readonly hadOwn: boolean;
  /** Of the other nodes: the number of the last change that each has told. */
  readonly others: ReadonlyMap<string, number>;
}

/** More nodes than that are none of ours. */
const MAX_NODES = 1_000;

/** @returns undefined when it is not what `RENEW` tells */
export function readLeases(reply: unknown): Leases | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [had, ...held] = reply as unknown[];
  const others = new Map<string, number>();
  for (let index = 0; index + 1 < held.length && others.size < MAX_NODES; index += 2) {
    const number = Number(held[index + 1]);
    if (!Number.isSafeInteger(number)) return undefined;
    others.set(String(held[index]), number);
  }
  return { hadOwn: had === 1, others };
}

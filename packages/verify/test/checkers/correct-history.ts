import { Chance } from '../../src/crowd/chance.ts';
import type { HistoryRecord, RowRecord } from '../../src/history/record.ts';

interface Device {
  readonly id: number;
  readonly user: number;
  session: number | undefined;
  /** Conversation → seq up to which it got everything. */
  readonly cursors: Map<string, number>;
  isRevoked: boolean;
}

const USERS = [1, 2, 3, 4];
const PAIRS = ['d1-2', 'd3-4'];
const GROUP = 'g1';

/**
 * A correct history as a perfect server would make it, by chance: sends (some lost and repeated, some refused, some cancelled),
 * members who come and go, blocks, a revoked device, sessions that end and come back, and what is read at the end.
 */
export function correctHistory(seed: number, steps = 300): HistoryRecord[] {
  const world = new World(new Chance(seed));
  world.begin();
  for (let step = 0; step < steps; step += 1) world.step();
  return world.end();
}

class World {
  readonly #chance: Chance;
  readonly #records: HistoryRecord[] = [];
  readonly #logs = new Map<string, RowRecord[]>();
  readonly #members = new Set<number>();
  readonly #left = new Map<number, number[][]>();
  readonly #blocks = new Set<string>();
  readonly #devices: Device[] = [];
  readonly #lastSent = new Map<string, string>();
  readonly #reads = new Map<string, number>();
  #now = 0;
  #sessions = 0;
  #ids = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  begin(): void {
    this.#write({ k: 'run', version: 1, seed: 1, store: 'none', faults: [], wall: 1_000 });
    for (const user of USERS) {
      for (const number of [1, 2]) {
        const device: Device = {
          id: user * 10 + number,
          user,
          session: undefined,
          cursors: new Map(),
          isRevoked: false,
        };
        this.#devices.push(device);
        this.#open(device);
      }
    }
    this.#change(this.#deviceOf(1), 'create', { a: 1 });
    for (const user of [2, 3]) this.#change(this.#deviceOf(user), 'join', { a: user });
  }

  step(): void {
    const device = this.#chance.pick(this.#devices.filter(({ isRevoked }) => !isRevoked));
    if (device.session === undefined) {
      this.#open(device);
      return;
    }
    const dice = this.#chance.below(100);
    if (dice < 60) this.#send(device);
    else if (dice < 66) this.#shut(device);
    else if (dice < 72) this.#comeOrGo(device);
    else if (dice < 76) this.#kick(device);
    else if (dice < 82) this.#blockOrNot(device);
    else if (dice < 86) this.#cancel(device);
    else if (dice < 90) this.#read(device);
    else this.#deliver(device, this.#chance.below(5));
    if (dice === 99 && this.#devices.every(({ isRevoked }) => !isRevoked)) this.#revoke(device);
  }

  end(): HistoryRecord[] {
    for (const device of this.#devices) {
      if (device.isRevoked) continue;
      if (device.session === undefined) this.#open(device);
      this.#deliver(device, Number.POSITIVE_INFINITY);
      this.#write({ k: 'final', u: device.user, d: device.id });
    }
    for (const log of this.#logs.values()) for (const row of log) this.#write(row);
    for (const [c, log] of this.#logs) {
      const last = log.at(-1);
      if (last) this.#write({ k: 'head', c, q: last.q, o: last.o, g: last.g });
    }
    for (const [key, read] of this.#reads) {
      const [u, c = ''] = key.split(' ');
      this.#write({ k: 'pos', t: this.#tick(), s: 0, u: Number(u), c, read, delivered: read });
    }
    for (const user of USERS) for (const c of this.#logs.keys()) this.#page(user, c);
    for (const row of [...this.#logs.values()].flat()) {
      const st = row.kind === 'cancel' ? { st: 'cancelled' } : { st: 'committed', q: row.q };
      this.#write({ k: 'asked', n: 'node1', u: row.a, c: row.c, i: row.i, ...st });
    }
    this.#write({ k: 'end', t: this.#tick() });
    return this.#records;
  }

  #write(record: HistoryRecord): void {
    this.#records.push(record);
  }

  #tick(): number {
    this.#now += 1 + this.#chance.below(5);
    return this.#now;
  }

  #deviceOf(user: number): Device {
    return this.#devices.find((device) => device.user === user) as Device;
  }

  #newId(): string {
    this.#ids += 1;
    return `id${this.#ids}`;
  }

  #open(device: Device): void {
    this.#sessions += 1;
    device.session = this.#sessions;
    const at = [...device.cursors].map(([c, seq]): [string, number, number] => [c, seq, this.#tagAt(c, seq)]);
    this.#write({ k: 'open', t: this.#tick(), s: this.#sessions, u: device.user, d: device.id, n: 'node1', at });
  }

  #tagAt(c: string, seq: number): number {
    return this.#logs.get(c)?.[seq - 1]?.g ?? 0;
  }

  #shut(device: Device): void {
    this.#write({ k: 'shut', t: this.#tick(), s: device.session ?? 0, why: 'gone' });
    device.session = undefined;
  }

  #append(c: string, row: Pick<RowRecord, 'kind' | 'a' | 'i' | 'w' | 'x'>): RowRecord {
    const log = this.#logs.get(c) ?? [];
    this.#logs.set(c, log);
    const o = (log.at(-1)?.o ?? 0) + (row.kind === 'message' ? 1 : 0);
    const common = {
      k: 'row',
      c,
      q: log.length + 1,
      o,
      g: this.#chance.below(2 ** 32),
      h: this.#chance.below(2 ** 32),
    } as const;
    const full: RowRecord = { ...row, ...common, time: this.#now };
    log.push(full);
    return full;
  }

  #send(device: Device): void {
    const { user, session: s = 0 } = device;
    const pair = PAIRS.find((name) => name.slice(1).split('-').includes(String(user))) ?? '';
    const c = this.#chance.happens(0.5) ? pair : GROUP;
    const key = `${device.id} ${c}`;
    const a = this.#lastSent.get(key);
    const [i, x, t] = [this.#newId(), this.#chance.below(1_000), this.#tick()];
    const call = { k: 'call', t, s, u: user, op: 'send', c, i, x, ...(a === undefined ? {} : { a }) } as const;
    const refusal = this.#refusalOf(user, c);
    if (refusal !== undefined) {
      this.#write({ ...call, d: this.#tick(), e: refusal });
      return;
    }
    const isLost = this.#chance.happens(0.1);
    const isStored = !isLost || this.#chance.happens(0.5);
    const row = isStored ? this.#append(c, { kind: 'message', a: user, i, x }) : undefined;
    if (row && !isLost) this.#write({ ...call, d: this.#tick(), r: { q: row.q, o: row.o, g: row.g } });
    else this.#write({ ...call, d: this.#tick() });
    if (isLost && this.#chance.happens(0.8)) {
      const again = row ?? this.#append(c, { kind: 'message', a: user, i, x });
      const repeat = { ...call, t: this.#tick(), d: this.#tick() };
      const { q, o, g } = again;
      this.#write({ ...repeat, r: row ? { q, o, g, dup: 1 } : { q, o, g } });
      this.#write({ ...repeat, t: this.#tick(), d: this.#tick(), x: x + 1, e: 'id_conflict' });
      this.#lastSent.set(key, i);
    } else if (!isLost) this.#lastSent.set(key, i);
  }

  #refusalOf(user: number, c: string): string | undefined {
    if (c === GROUP) return this.#members.has(user) ? undefined : 'not_member';
    const peer = c
      .slice(1)
      .split('-')
      .map(Number)
      .find((party) => party !== user);
    return this.#blocks.has(`${peer} ${user}`) ? 'blocked' : undefined;
  }

  #change(device: Device, op: 'create' | 'join' | 'leave' | 'kick', { a, w }: { a: number; w?: number }): void {
    const call = { k: 'call', t: this.#tick(), s: device.session ?? 0, u: a, op, c: GROUP, i: this.#newId() } as const;
    const about = w === undefined ? {} : { w };
    const { q, o, g } = this.#append(GROUP, { kind: op, a, i: call.i, x: 0, ...about });
    const who = w ?? a;
    const stays = this.#left.get(who) ?? [];
    this.#left.set(who, stays);
    if (op === 'create' || op === 'join') {
      this.#members.add(who);
      stays.push([q, Number.POSITIVE_INFINITY]);
    } else {
      this.#members.delete(who);
      (stays.at(-1) as number[])[1] = q;
    }
    this.#write({ ...call, ...about, d: this.#tick(), r: { q, o, g } });
  }

  #comeOrGo(device: Device): void {
    if (device.user === 1) return;
    const op = this.#members.has(device.user) ? 'leave' : 'join';
    this.#change(device, op, { a: device.user });
  }

  #kick(device: Device): void {
    const w = [...this.#members].find((member) => member !== 1);
    if (device.user === 1 && w !== undefined) this.#change(device, 'kick', { a: 1, w });
  }

  #blockOrNot({ user, session: s = 0 }: Device): void {
    const w = ((user - 1) ^ 1) + 1;
    const key = `${user} ${w}`;
    const op = this.#blocks.has(key) ? 'unblock' : 'block';
    const t = this.#tick();
    if (op === 'block') this.#blocks.add(key);
    else this.#blocks.delete(key);
    this.#write({ k: 'call', t, d: this.#tick(), s, u: user, op, w, r: {} });
  }

  #cancel({ user, session: s = 0 }: Device): void {
    if (!this.#members.has(user)) return;
    const [i, x] = [this.#newId(), this.#chance.below(1_000)];
    const call = { k: 'call', s, u: user, c: GROUP, i } as const;
    if (this.#chance.happens(0.5)) this.#write({ ...call, op: 'send', x, t: this.#tick(), d: this.#tick() });
    this.#write({ ...call, op: 'cancel', t: this.#tick(), d: this.#tick(), r: { st: 'cancelled' } });
    this.#append(GROUP, { kind: 'cancel', a: user, i, x: 0 });
    this.#send(this.#deviceOf(user));
    this.#write({ ...call, op: 'send', x, t: this.#tick(), d: this.#tick(), e: 'cancelled' });
  }

  #read(device: Device): void {
    const [c, to] = this.#chance.pick([...device.cursors, [GROUP, 0] as [string, number]]);
    const { user: u, session: s = 0 } = device;
    if (to === 0) return;
    this.#write({ k: 'call', t: this.#tick(), d: this.#tick(), s, u, op: 'read', c, to, r: {} });
    const read = Math.max(to, this.#reads.get(`${u} ${c}`) ?? 0);
    this.#reads.set(`${u} ${c}`, read);
    this.#write({ k: 'pos', t: this.#tick(), s, u, c, read, delivered: read });
  }

  #revoke(device: Device): void {
    const victim = this.#devices.find(({ user, id }) => user === device.user && id !== device.id) as Device;
    if (device.session === undefined) return;
    const call = { k: 'call', s: device.session, u: device.user, op: 'revoke', dev: victim.id } as const;
    this.#write({ ...call, t: this.#tick(), d: this.#tick(), r: {} });
    if (victim.session !== undefined) this.#shut(victim);
    victim.isRevoked = true;
    this.#now += 3_000;
    this.#write({
      k: 'call',
      t: this.#tick(),
      d: this.#tick(),
      s: 0,
      u: device.user,
      op: 'resume',
      dev: victim.id,
      e: 'bad_token',
    });
  }

  /** Up to so many entries of each conversation. */
  #deliver(device: Device, most: number): void {
    const s = device.session ?? 0;
    for (const [c, log] of this.#logs) {
      for (const row of log.slice(device.cursors.get(c) ?? 0).slice(0, most)) {
        const first = device.cursors.get(c) === undefined;
        if (this.#maySee(device.user, row))
          this.#write({ k: 'e', t: this.#tick(), s, c, q: row.q, g: row.g, h: row.h, i: row.i });
        else if (first) continue;
        else this.#write({ k: 'gap', t: this.#tick(), s, c, from: row.q, to: row.q, g: row.g, why: 'not_member' });
        device.cursors.set(c, row.q);
      }
    }
  }

  #maySee(user: number, { c, q }: RowRecord): boolean {
    if (c !== GROUP) return c.slice(1).split('-').includes(String(user));
    return (this.#left.get(user) ?? []).some(([from = 0, to = 0]) => from <= q && q <= to);
  }

  #page(user: number, c: string): void {
    const rows = (this.#logs.get(c) ?? []).filter((row) => this.#maySee(user, row));
    const e = rows.map(({ q, g, h }): [number, number, number] => [q, g, h]);
    if (e.length > 0) this.#write({ k: 'page', n: 'node1', u: user, c, e, last: true });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../history/digest.ts';
import type { Chance } from './chance.ts';
import type { CrowdParts, Device } from './device.ts';
import { logInDevice } from './found-crowd.ts';
import type { Crowded, Person } from './person.ts';
import { settle } from './settle.ts';

/** What an act may use. */
export interface Stage extends Crowded {
  readonly people: readonly Person[];
  readonly parts: CrowdParts;
  readonly chance: Chance;
}

/** One thing that a person does with a device besides sending. Ends when it is settled. */
type Act = (person: Person, device: Device, stage: Stage) => Promise<void>;

const LONGEST_ABSENCE_MS = 4_000;
/** Two seconds are allowed for a revoke; a little later nothing may go well. */
const AFTER_REVOKE_MS = 2_200;
const REVOKED_TRIES = 3;

/** Acts with how often they come, relative to each other. */
export const ACTS: Readonly<Record<string, { readonly weight: number; readonly act: Act }>> = {
  read: { weight: 30, act: read },
  absence: { weight: 12, act: beAway },
  membership: { weight: 12, act: comeOrGo },
  kick: { weight: 4, act: kick },
  block: { weight: 8, act: blockForAWhile },
  cancelUnsent: { weight: 4, act: cancelUnsent },
  cancelRace: { weight: 6, act: cancelRace },
  conflict: { weight: 4, act: conflict },
  revoke: { weight: 1, act: revoke },
};

async function read({ pairs, memberOf }: Person, device: Device, { chance }: Stage): Promise<void> {
  const c = chance.pick([...pairs, ...memberOf]);
  const seq = device.cursors.seqIn(c);
  const op = chance.happens(0.7) ? 'read' : 'delivered';
  if (seq > 0) await device.request(op, { conversation: c, seq }, { op, c, to: seq });
}

async function beAway(_person: Person, device: Device, { chance }: Stage): Promise<void> {
  device.goOffline(chance.happens(0.5) ? 'close' : 'reset');
  await sleep(chance.next() * LONGEST_ABSENCE_MS);
  device.goOnline();
}

async function comeOrGo(person: Person, device: Device, { chance, newId }: Stage): Promise<void> {
  const group = chance.pick(person.groups.filter((name) => !person.owns.has(name)));
  if (group === undefined) return;
  const op = person.memberOf.has(group) ? 'leave' : 'join';
  const clientId = newId();
  const outcome = await settle({ device, op, fields: { group, clientId }, note: { op, c: group, i: clientId } });
  const code = outcome.kind === 'refused' ? outcome.code : undefined;
  if ((op === 'join' && outcome.kind === 'ok') || code === 'already_member') person.memberOf.add(group);
  else if (outcome.kind === 'ok' || code === 'not_member') person.memberOf.delete(group);
}

async function kick(person: Person, device: Device, { chance, newId, people }: Stage): Promise<void> {
  const group = [...person.owns][0];
  if (group === undefined) return;
  const victim = chance.pick(people.filter(({ memberOf, id }) => memberOf.has(group) && id !== person.id));
  if (victim === undefined) return;
  const clientId = newId();
  const note = { op: 'kick', c: group, i: clientId, w: victim.id } as const;
  const outcome = await settle({ device, op: 'kick', fields: { group, user: victim.id, clientId }, note });
  if (outcome.kind === 'ok') victim.memberOf.delete(group);
}

async function blockForAWhile({ peers, blocked }: Person, device: Device, { chance }: Stage): Promise<void> {
  const user = chance.pick(peers);
  blocked.add(user);
  await settle({ device, op: 'block', fields: { user }, note: { op: 'block', w: user } });
  await sleep(chance.next() * 500);
  await settle({ device, op: 'unblock', fields: { user }, note: { op: 'unblock', w: user } });
  blocked.delete(user);
}

/** An id that was cancelled before it was sent is never stored. */
async function cancelUnsent({ pairs }: Person, device: Device, { chance, newId }: Stage): Promise<void> {
  const to = chance.pick(pairs);
  const clientId = newId();
  const cancelled = await settle(cancelling(device, to, clientId));
  if (cancelled.kind !== 'ok') return;
  await device.request('send', { to, clientId, text: 'late' }, { op: 'send', c: to, i: clientId, x: digestOf('late') });
}

/** Both at once: one of them wins, for ever. */
async function cancelRace({ pairs }: Person, device: Device, { chance, newId }: Stage): Promise<void> {
  const to = chance.pick(pairs);
  const clientId = newId();
  const send = device.request(
    'send',
    { to, clientId, text: 'now' },
    { op: 'send', c: to, i: clientId, x: digestOf('now') },
  );
  await settle(cancelling(device, to, clientId));
  await send;
}

function cancelling(device: Device, to: string, clientId: string): Parameters<typeof settle>[0] {
  return { device, op: 'cancel', fields: { to, clientId }, note: { op: 'cancel', c: to, i: clientId } };
}

/** Stored once; then again, which is harmless; then with another text, which is refused. */
async function conflict({ pairs }: Person, device: Device, { chance, newId }: Stage): Promise<void> {
  const to = chance.pick(pairs);
  const clientId = newId();
  for (const text of ['first', 'first', 'second', 'first']) {
    const note = { op: 'send', c: to, i: clientId, x: digestOf(text) } as const;
    await device.request('send', { to, clientId, text }, note);
  }
}

/** A device of its own is revoked, and tries to go on. */
async function revoke(person: Person, device: Device, { chance, newId, parts }: Stage): Promise<void> {
  const victim = await logInDevice(person, chance.pick(parts.endpoints), parts).catch(() => undefined);
  if (victim === undefined) return;
  const live = new Promise<void>((resolve) => {
    victim.onLive = resolve;
  });
  victim.goOnline();
  await Promise.race([live, sleep(LONGEST_ABSENCE_MS)]);
  const fields = { device: victim.id };
  await settle({ device, op: 'revoke', fields, note: { op: 'revoke', dev: victim.id } });
  for (let count = 0; count < REVOKED_TRIES; count += 1) {
    const [to, clientId] = [chance.pick(person.pairs), newId()];
    const note = { op: 'send', c: to, i: clientId, x: digestOf('still here') } as const;
    await Promise.race([victim.request('send', { to, clientId, text: 'still here' }, note), sleep(AFTER_REVOKE_MS)]);
    await sleep(AFTER_REVOKE_MS / (REVOKED_TRIES - 1));
  }
  victim.goOffline('reset');
}

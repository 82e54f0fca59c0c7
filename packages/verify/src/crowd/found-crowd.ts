import { randomBytes } from 'node:crypto';
import { digestOf } from '../history/digest.ts';
import { concurrently } from '../load/concurrently.ts';
import { insist } from '../load/insist.ts';
import { NativeSession } from '../load/native-session.ts';
import type { Chance } from './chance.ts';
import { type CrowdParts, Device } from './device.ts';
import type { Endpoint } from './endpoint.ts';
import type { Crowded, Person } from './person.ts';
import { settle } from './settle.ts';

/** How big a crowd is. */
export interface CrowdSize {
  readonly users: number;
}

const PASSWORD = 'correct horse battery';
const AT_ONCE = 4;
const GROUP_MEMBERS = 6;
const SECOND_DEVICE = 0.5;
const READY_MS = 30_000;

/** What making a crowd needs. */
export interface Founding extends Crowded {
  readonly size: CrowdSize;
  readonly parts: CrowdParts;
  readonly chance: Chance;
  /** It is not wanted any more. */
  readonly signal: AbortSignal;
}

/**
 * Registers everyone, logs all devices in, makes the groups, and says a first word in each pair.
 * @throws Error when something of that is refused
 */
export async function foundCrowd(founding: Founding): Promise<Person[]> {
  const { size, parts } = founding;
  // Names that nobody has, whatever was there before.
  const tag = `${Date.now().toString(36)}${randomBytes(2).toString('hex')}`;
  const people = await concurrently(size.users, AT_ONCE, (number) => register(`v${tag}-${number}`, founding));
  const door = doorOf(parts);
  await concurrently(people.length, AT_ONCE, async (number) => {
    const person = people[number] as Person;
    if (founding.chance.happens(SECOND_DEVICE)) person.devices.push(await logInDevice(person, door, parts));
  });
  for (const device of people.flatMap(({ devices }) => devices)) device.goOnline();
  pairUp(people);
  await makeGroups(people, founding);
  await greet(people, founding);
  return people;
}

function doorOf({ endpoints: [door] }: CrowdParts): Endpoint {
  if (door === undefined) throw new Error('there is nowhere to connect');
  return door;
}

async function register(name: string, { parts, signal }: Founding): Promise<Person> {
  signal.throwIfAborted();
  const session = await NativeSession.connect(doorOf(parts));
  const reply = await insist(session, 'register', { name, password: PASSWORD, device: 'first' });
  session.end();
  const id = (reply['user'] as { id: number }).id;
  const first = new Device({ id: Number(reply['device']), user: id, token: String(reply['token']) }, parts);
  return {
    id,
    name,
    devices: [first],
    pairs: [],
    peers: [],
    groups: [],
    memberOf: new Set<string>(),
    owns: new Set<string>(),
    blocked: new Set<number>(),
    isBusy: false,
  };
}

/** One more device of a person, not yet online. */
export async function logInDevice({ id, name }: Person, door: Endpoint, parts: CrowdParts): Promise<Device> {
  const session = await NativeSession.connect(door);
  try {
    const reply = await insist(session, 'login', { user: `@${name}`, password: PASSWORD, device: 'another' });
    return new Device({ id: Number(reply['device']), user: id, token: String(reply['token']) }, parts);
  } finally {
    session.end();
  }
}

/** Everyone talks with the next two. */
function pairUp(people: readonly Person[]): void {
  for (const [index, person] of people.entries()) {
    for (const step of [1, 2]) {
      const peer = people[(index + step) % people.length];
      if (peer === undefined || peer === person) continue;
      const name = `d${Math.min(person.id, peer.id)}-${Math.max(person.id, peer.id)}`;
      if (person.pairs.includes(name)) continue;
      for (const [one, other] of [
        [person, peer],
        [peer, person],
      ] as const) {
        one.pairs.push(name);
        one.peers.push(other.id);
      }
    }
  }
}

async function makeGroups(people: readonly Person[], founding: Founding): Promise<void> {
  const count = Math.max(1, Math.ceil(people.length / GROUP_MEMBERS));
  await concurrently(count, AT_ONCE, async (number) => {
    const start = number * GROUP_MEMBERS;
    // One more than fits, from the next group, so that people are in several.
    const members = people.slice(start, start + GROUP_MEMBERS + 2);
    const [owner, ...others] = members;
    if (owner === undefined) return;
    const i = founding.newId();
    const fields = { name: `${owner.name}-group`, clientId: i };
    const reply = await must(owner, { op: 'createGroup', fields, note: { op: 'create', i } });
    const group = String(reply['conversation']);
    owner.owns.add(group);
    for (const person of members) {
      person.groups.push(group);
      person.memberOf.add(group);
    }
    for (const person of others) {
      const clientId = founding.newId();
      const note = { op: 'join', c: group, i: clientId } as const;
      await must(person, { op: 'join', fields: { group, clientId }, note });
    }
  });
}

async function greet(people: readonly Person[], { newId, signal }: Founding): Promise<void> {
  await concurrently(people.length, AT_ONCE, async (number) => {
    signal.throwIfAborted();
    const person = people[number] as Person;
    for (const to of person.pairs) {
      const clientId = newId();
      const text = `hello ${clientId}`;
      const note = { op: 'send', c: to, i: clientId, x: digestOf(text) } as const;
      await must(person, { op: 'send', fields: { to, text, clientId }, note });
    }
  });
}

type Asking = Omit<Parameters<typeof settle>[0], 'device'>;

async function must({ devices: [device] }: Person, asking: Asking): Promise<Readonly<Record<string, unknown>>> {
  if (device === undefined) throw new Error('a person without a device');
  const outcome = await settle({ device, ...asking }, READY_MS);
  if (outcome.kind === 'ok') return outcome.reply;
  throw new Error(`${asking.op}: ${outcome.kind === 'refused' ? outcome.code : 'no answer'}`);
}

import type { ConversationId } from '@parley/server/ports';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/**
 * How a step uses a place. `write` meets everything; the others meet each other but not themselves: two who read, two who
 * add something that has no order (rows of the journal, calls that begin, statements of one node), need no order. A lock
 * is taken by `write` and given back by `add`.
 */
export type Use = 'write' | 'read' | 'add' | 'begin';

/** Places that a step uses. `EVERYWHERE` meets all. */
export type Touches = ReadonlyMap<string, Use>;

export const EVERYWHERE = '*';

/**
 * Whether their order can matter. Of two steps that do not meet, none makes the other possible or impossible, and both
 * orders lead to the same state.
 */
export function doMeet(one: Touches, other: Touches): boolean {
  if (one.has(EVERYWHERE) || other.has(EVERYWHERE)) return true;
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  for (const [place, use] of few) {
    const there = many.get(place);
    if (there !== undefined && (there !== use || use === 'write')) return true;
  }
  return false;
}

/** Whether the later waited for a lock that the earlier gave back: what it reads under that lock is no reason of its own. */
export function isRelease(earlier: Touches, later: Touches): boolean {
  if (earlier.has(EVERYWHERE)) return false;
  for (const [place, use] of later) if (isLock(place) && use === 'write' && earlier.get(place) === 'add') return true;
  return false;
}

function isLock(place: string): boolean {
  return place.startsWith('lock ');
}

/** Adds places to what a step touches. */
export function add(touches: Map<string, Use>, more: Iterable<readonly [string, Use]>): void {
  for (const [place, use] of more) {
    const before = touches.get(place);
    touches.set(place, before === undefined || before === use ? use : 'write');
  }
}

/** Places that are machines: what they are is what came to them, in its order. */
export function isMachine(place: string): boolean {
  return place.startsWith('d') || / (log|feeds|lane)$/.test(place);
}

const OLDER_COPY = 'an older copy takes over';
const STATEMENT = /^n(\d+)[.\d]*\.(main|aside|read|journal)!? (< |late )?([a-z ]*)([\d,]*)/;

/** What a step touches as far as that can be told before it is taken. */
export function touchesOf(step: Step, world: World): Map<string, Use> {
  const { kind, label, at = '' } = step;
  if (label === OLDER_COPY) return new Map(olderCopy(world));
  if (kind === 'store') return new Map(statement(step, world));
  if (kind === 'fault' && STATEMENT.test(label)) return new Map(statement(step, world));
  if (kind === 'answer') return new Map(answer(step));
  if (kind === 'hint') return new Map(hint(step));
  if (at.startsWith('d')) return new Map(deviceStep(step, world));
  if (kind === 'up' && isAppend(label)) {
    return new Map([
      [`${numberOf(at)} log`, 'write'],
      ['statements', 'add'],
    ]);
  }
  if (at.startsWith('n') || label.startsWith('start ')) return new Map(nodeStep(step, world));
  return new Map([[kind === 'fault' && label === 'nothing goes wrong' ? 'faults' : EVERYWHERE, 'write']]);
}

/** A message, cancel … only enters the log's queue; what is under way was cut from that before. */
function isAppend(label: string): boolean {
  return /(message|cancel|kick|join|leave) \S+$/.test(label);
}

/** Carried out by the database: of its node it needs only that this has not crashed. */
function* statement({ label }: Step, world: World): Generator<[string, Use]> {
  const [, number = '', link = '', prefix, what = '', ids = ''] = STATEMENT.exec(label) ?? [];
  // Who crashes forgets what he read: only what has an effect needs to be before or after that.
  if (link !== 'read' && link !== 'journal') yield [`${number} life`, 'add'];
  const all = [...world.database.tables.logs.keys()];
  if (prefix === 'late ') {
    yield* commit(all);
    return;
  }
  const name = what.trim();
  if (link === 'journal') yield ['journal', 'read'];
  else if (link === 'read') yield* plainRead(name, ids, all);
  else if (name === 'lock') for (const id of ids.split(',')) yield [`lock ${id}`, 'write'];
  else {
    const held = lockedBy(world, label);
    if (name.startsWith('commit')) yield* commit(held);
    else if (name === 'rollback') for (const id of held) yield [`lock ${id}`, 'add'];
    else for (const id of held) yield [`log ${id}`, 'read'];
  }
}

/** Rows, members, heads; whose private state moved; a row of the journal, of a writer of its own; and the locks go. */
function* commit(ids: readonly ConversationId[]): Generator<[string, Use]> {
  yield ['journal', 'add'];
  yield ['private', 'write'];
  for (const id of ids) {
    yield [`log ${id}`, 'write'];
    yield [`lock ${id}`, 'add'];
  }
}

/**
 * All that is stored, all statements that are under way (so whatever may send one), and which sessions are judged. Not
 * devices. What a device took just before is judged in the scopes in which no copy takes over.
 */
function* olderCopy(world: World): Generator<[string, Use]> {
  for (const place of ['journal', 'private', 'statements', 'calls', 'sessions']) yield [place, 'write'];
  for (const id of world.database.tables.logs.keys()) {
    yield [`log ${id}`, 'write'];
    yield [`lock ${id}`, 'write'];
  }
}

function* plainRead(name: string, ids: string, all: readonly ConversationId[]): Generator<[string, Use]> {
  if (name === 'page') yield [`log ${ids}`, 'read'];
  else if (name === 'heads') for (const id of ids.split(',')) yield [`log ${id}`, 'read'];
  else {
    const use = name === 'positions' ? 'write' : 'read';
    yield ['private', use];
    for (const id of all) yield [`log ${id}`, use];
  }
}

/**
 * A node is three machines. What a lane is told of its locks and of what it read under them goes on with its
 * transaction and nothing else. What other reads found reaches feeds and sessions. The rest, errors too, reaches all.
 */
function* answer({ label, content, at = '' }: Step): Generator<[string, Use]> {
  const number = numberOf(at);
  yield ['statements', 'add'];
  const isLane = /\.(main|aside) < (lock|read)/.test(label);
  if (isLane && typeof content !== 'string') yield [`${number} lane`, 'write'];
  else if (/\.read < /.test(label)) yield [`${number} feeds`, 'write'];
  else {
    yield* wholeNode(number);
    // From then on it takes connections.
    if (label.endsWith('positions of writers')) yield ['life', 'write'];
  }
}

/** A hint that is lost reaches nobody; one that arrives, the feeds. */
function* hint({ label, at }: Step): Generator<[string, Use]> {
  yield [label.replace(/ (lost|doubled)$/, ''), 'write'];
  if (at === undefined) return;
  yield [`${numberOf(at)} feeds`, 'write'];
  yield ['statements', 'add'];
}

/** What a device takes and does. A connection that is cut with its frames is no longer heard by its node either. */
function* deviceStep({ label, at = '' }: Step, world: World): Generator<[string, Use]> {
  yield [at, 'write'];
  if (label.includes(' connects to ')) {
    yield ['life', 'read'];
    yield ['sessions', 'write'];
  }
  if (!/^(cut|restart) /.test(label)) return;
  const device = world.devices.find(({ name }) => name === at);
  if (device?.session !== undefined) yield* wholeNode(numberOf(device.session.node.name));
}

/** Crash, freeze, thaw, start; timers, and frames that are no appends. */
function* nodeStep({ label, kind, at }: Step, world: World): Generator<[string, Use]> {
  const number = numberOf(at ?? label.slice('start '.length));
  yield* wholeNode(number);
  if (kind === 'subscribe') yield [`${number} topics`, 'write'];
  if (kind !== 'fault' && kind !== 'heal') return;
  yield ['life', 'write'];
  // A node that starts hears of nothing before it subscribes.
  if (!label.startsWith('crash ')) return;
  yield [`${number} life`, 'write'];
  yield [`${number} topics`, 'write'];
  for (const { host, locks } of world.database.links) {
    if (host.name === at) for (const id of locks) yield [`lock ${id}`, 'add'];
  }
  for (const { session, name } of world.devices) if (session?.node.name === at) yield [name, 'write'];
}

function* wholeNode(number: string): Generator<[string, Use]> {
  for (const part of ['log', 'lane', 'feeds']) yield [`${number} ${part}`, 'write'];
  // A lane that opens registers its writer.
  yield ['journal', 'add'];
  yield ['statements', 'add'];
}

function lockedBy(world: World, label: string): ConversationId[] {
  for (const { host, name, locks } of world.database.links) {
    if (label.startsWith(`${host.name}.${name} `)) return [...locks];
  }
  return [];
}

function numberOf(at: string): string {
  return /^n(\d+)/.exec(at)?.[1] ?? '';
}

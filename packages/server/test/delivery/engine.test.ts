import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '@parley/testkit';
import {
  type AppendRequest,
  type AppendResult,
  type Bus,
  type BusEvent,
  type BusListener,
  type CommitOutcome,
  type Entry,
  type Journal,
  type JournalNews,
  type PositionMove,
  type SettleOutcome,
  type Store,
  StoreUnavailable,
} from '../../src/chat/ports/index.ts';
import { createDelivery } from '../../src/delivery/engine.ts';
import type { Peer } from '../../src/delivery/peer.ts';
import { ALICE, BOB, entries, GROUP, membership, pageOf, placed, request, seqOf, stays, tagOf } from './builders.ts';
import { planOf, versionOf } from './session-bench.ts';

/** A node over a store whose commits wait for the test; a group of four entries, and what its one session is handed. */
function startNode({ hasPeers = false, journal }: { hasPeers?: boolean; journal?: Journal } = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const commits: PromiseWithResolvers<CommitOutcome>[] = [];
  const settles: PromiseWithResolvers<SettleOutcome>[] = [];
  const published: BusEvent[] = [];
  const moves: PositionMove[] = [];
  const world = { log: entries(1, 4) as readonly Entry[], isAway: false };
  let listener: BusListener | undefined;
  const bus = {
    hasPeers,
    isUp: true,
    publish: (event: BusEvent) => void published.push(event),
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    listen: (given: BusListener) => (listener = given),
  };
  const store = {
    commit: () => later(commits),
    settle: () => later(settles),
    heads: () => Promise.resolve([pageOf(world.log, 1).head]),
    readForward: (_id: unknown, from: number) => Promise.resolve(pageOf(world.log, from)),
    memberships: () => Promise.resolve([membership(stays([1]))]),
    membership: () => Promise.resolve(membership(stays([1]))),
    readState: () => Promise.resolve({ full: false, rows: [], version: versionOf(1), more: false }),
    movePositions: (some: readonly PositionMove[]) => {
      if (world.isAway) return Promise.reject(new StoreUnavailable('down'));
      moves.push(...some);
      return Promise.resolve([]);
    },
  };
  const log = { warn: () => undefined, error: (_details: object, message: string) => void lines.push(message) };
  const ports = { store: store as unknown as Store, bus: bus as unknown as Bus };
  const delivery = createDelivery({ ...ports, journal, clock, log });
  const append = (name: string, different: Partial<AppendRequest> = {}) =>
    delivery.append(request(name, different), (result) => lines.push(`${name}: ${told(result)}`));
  const node = { clock, lines, commits, settles, published, moves, world, delivery, append };
  return { ...node, hear: (event: BusEvent) => listener?.heard(event) };
}

type Node = ReturnType<typeof startNode>;

function later<T>(list: PromiseWithResolvers<T>[]): Promise<T> {
  const answer = Promise.withResolvers<T>();
  list.push(answer);
  return answer.promise;
}

function told(result: AppendResult): string {
  return result.state === 'refused' ? result.code : `${result.seq}`;
}

/** Alice's session, live behind the group's four entries. */
async function startSession({ delivery, lines }: Node, device = 1): Promise<void> {
  const note = (line: string) => lines.push(line) > 0;
  const peer: Peer = {
    user: ALICE,
    device: device as never,
    entry: ({ seq }) => note(`entry ${seq}`),
    gap: () => note('gap'),
    state: () => true,
    synced: () => undefined,
    close: (reason) => {
      note(`closed: ${reason}`);
      sync.end();
    },
  };
  const sync = delivery.open(peer);
  const known = { cursor: { seq: seqOf(4), tag: tagOf(4) }, acked: [], want: undefined };
  sync.start(planOf({ cursors: new Map([[GROUP.address, known]]) }));
  await setImmediate();
}

async function commit(node: Node, ...added: Entry[]): Promise<void> {
  node.world.log = [...node.world.log, ...added];
  const results = added.map(({ seq }) => placed(seq));
  node.commits.shift()?.resolve({ state: 'done', results, changed: [] });
  await setImmediate();
}

test('[SEND-1] after the commit all are answered first, then those who listen get the entries', async () => {
  const node = startNode();
  await startSession(node);
  node.append('first');
  await setImmediate();
  node.append('a');
  node.append('b');
  await setImmediate();
  assert.deepEqual(node.lines, []);
  await commit(node, ...entries(5, 5));
  await commit(node, ...entries(6, 7));
  assert.deepEqual(node.lines, ['first: 5', 'entry 5', 'a: 6', 'b: 7', 'entry 6', 'entry 7']);
});

test('[SEND-5] what was found after an unknown outcome reaches those who listen', async () => {
  const node = startNode();
  await startSession(node);
  node.append('a');
  await setImmediate();
  node.commits.shift()?.resolve({ state: 'unknown' });
  await setImmediate();
  node.world.log = entries(1, 5);
  node.settles.shift()?.resolve({ state: 'unknown' });
  await setImmediate();
  assert.deepEqual([node.lines, node.settles.length], [[], 0], 'not before a pause');
  node.clock.advance(250);
  node.settles.shift()?.resolve({ state: 'settled', results: [{ ...placed(5), prevTag: 0 } as AppendResult] });
  await setImmediate();
  assert.deepEqual(node.lines, ['a: 5', 'entry 5']);
});

test('[SEND-5] a commit that rejects has no known outcome either', async () => {
  const node = startNode();
  node.append('a');
  await setImmediate();
  node.commits.shift()?.reject(new Error('a mistake'));
  await setImmediate();
  assert.deepEqual([node.settles.length, node.lines], [1, ['a commit had no known outcome']]);
});

test('a repeat is answered and told nobody again', async () => {
  const node = startNode({ hasPeers: true });
  await startSession(node);
  node.append('a');
  await setImmediate();
  const repeat = { ...placed(4), fresh: false } as AppendResult;
  node.commits.shift()?.resolve({ state: 'done', results: [repeat], changed: [] });
  await setImmediate();
  assert.deepEqual([node.lines, node.published], [['a: 4'], []]);
});

test("[WIRE-2] one session's mistake in taking its answer keeps nobody else from theirs", async () => {
  const node = startNode();
  node.append('first');
  await setImmediate();
  node.delivery.append(request('bad'), () => {
    throw new Error('a mistake');
  });
  node.append('good');
  await commit(node, ...entries(5, 5));
  await commit(node, ...entries(6, 7));
  assert.deepEqual(node.lines, ['first: 5', 'an answer could not be given', 'good: 7']);
});

test('[DELIV-2] other nodes are told of messages with their body, of the rest only that it is there', async () => {
  const node = startNode({ hasPeers: true });
  node.append('a');
  await setImmediate();
  node.append('bye', { kind: 'leave', text: null });
  await commit(node, ...entries(5, 5));
  await commit(node, ...entries(6, 6));
  const [message, leave] = node.published as Extract<BusEvent, { kind: 'entries' }>[];
  assert.deepEqual([message?.seq, message?.prevTag, message?.entries[0]?.text], [5, tagOf(4), 'text of a']);
  assert.deepEqual([leave?.seq, leave?.prevTag, leave?.entries], [6, tagOf(5), []]);
});

test('[DELIV-2] what another node tells reaches those who listen here', async () => {
  const node = startNode({ hasPeers: true });
  await startSession(node);
  node.hear({
    kind: 'entries',
    conversation: GROUP.id,
    prevTag: tagOf(4),
    entries: entries(5, 5),
    seq: seqOf(5),
    tag: tagOf(5),
  });
  assert.deepEqual(node.lines, ['entry 5']);
});

test('[STATE-1] whose state a commit changed is told here and to other nodes', async () => {
  const node = startNode({ hasPeers: true });
  node.append('join', { kind: 'join', text: null });
  await setImmediate();
  node.commits.shift()?.resolve({ state: 'done', results: [placed(5)], changed: [ALICE, BOB] });
  await setImmediate();
  assert.deepEqual(node.published.at(-1), { kind: 'users', users: [ALICE, BOB] });
});

test('[IDENT-3] the sessions of a revoked device are closed, here and as another node says, and no others', async () => {
  const node = startNode({ hasPeers: true });
  await startSession(node, 1);
  await startSession(node, 2);
  await startSession(node, 3);
  node.delivery.revoked(ALICE, [2 as never]);
  node.hear({ kind: 'revoked', user: ALICE, devices: [3 as never] });
  node.hear({ kind: 'revoked', user: BOB, devices: [1 as never] });
  assert.deepEqual(node.lines, ['closed: revoked', 'closed: revoked']);
  assert.deepEqual(node.published, [{ kind: 'revoked', user: ALICE, devices: [2] }]);
});

test('[IDENT-3] a session that begins just after its device was revoked elsewhere is closed', async () => {
  const node = startNode({ hasPeers: true });
  node.hear({ kind: 'revoked', user: ALICE, devices: [1 as never] });
  await startSession(node, 1);
  await startSession(node, 2);
  assert.deepEqual(node.lines, ['closed: revoked']);
});

test('[IDENT-3] every device of one revocation is closed, as a change of the password revokes them', async () => {
  const node = startNode();
  for (const device of [1, 2, 3]) await startSession(node, device);
  node.delivery.revoked(ALICE, [1 as never, 3 as never]);
  assert.deepEqual(node.lines, ['closed: revoked', 'closed: revoked']);
});

/** A journal that always has the same news, or cannot be read. */
function journalOf(answer: { news: JournalNews | undefined }): Journal {
  return {
    read: () =>
      answer.news === undefined ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve(answer.news),
  };
}

test('[DELIV-2] what no other node told is read from the journal', async () => {
  const answer = { news: { state: 'news', events: [] } as JournalNews };
  const node = startNode({ hasPeers: true, journal: journalOf(answer) });
  await node.delivery.start();
  await startSession(node);
  node.world.log = entries(1, 5);
  const end = { seq: seqOf(5), tag: tagOf(5), prevTag: 0 as never, entries: [] };
  answer.news = { state: 'news', events: [{ kind: 'entries', conversation: GROUP.id, ...end }] };
  node.clock.advance(1_000);
  await setImmediate();
  node.clock.advance(100);
  await setImmediate();
  assert.deepEqual(node.lines, ['entry 5']);
});

test('[IDENT-2] a node that cannot read the journal takes no sends: it would not know who was put out', async () => {
  const answer = { news: { state: 'news', events: [] } as JournalNews | undefined };
  const node = startNode({ hasPeers: true, journal: journalOf(answer) });
  await node.delivery.start();
  answer.news = undefined;
  node.clock.advance(2_000);
  node.append('in time');
  node.clock.advance(1);
  node.append('too late');
  assert.deepEqual(node.lines, ['too late: store_unavailable']);
  await setImmediate();
  assert.equal(node.commits.length, 1);
});

test('[TAG-1] a node whose own rows are missing from the journal ends all sessions', async () => {
  const answer = { news: { state: 'news', events: [] } as JournalNews };
  const node = startNode({ hasPeers: true, journal: journalOf(answer) });
  await node.delivery.start();
  await startSession(node);
  node.delivery.whenAfresh(() => node.lines.push('forget'));
  answer.news = { state: 'forked' };
  node.clock.advance(1_000);
  await setImmediate();
  assert.deepEqual(node.lines.splice(1, 1), ['forget']);
  assert.match(node.lines[0] ?? '', /not the one this node knew/);
  assert.equal(node.lines[1], 'closed: stale');
});

test('[TAG-1] an older copy gives the numbers of revoked devices to new ones; a node that is only behind remembers them', async () => {
  const answer = { news: { state: 'news', events: [] } as JournalNews };
  const node = startNode({ hasPeers: true, journal: journalOf(answer) });
  await node.delivery.start();
  node.delivery.revoked(ALICE, [1 as never]);
  answer.news = { state: 'behind' };
  node.clock.advance(1_000);
  await setImmediate();
  node.lines.length = 0;
  answer.news = { state: 'news', events: [] };
  await startSession(node, 1);
  assert.deepEqual(node.lines, ['closed: revoked']);
  answer.news = { state: 'forked' };
  node.clock.advance(1_000);
  await setImmediate();
  node.lines.length = 0;
  answer.news = { state: 'news', events: [] };
  await startSession(node, 1);
  assert.deepEqual(node.lines, []);
});

test('[TAG-1] when the database is not the one this node knew all its sessions are closed as stale', async () => {
  const node = startNode({ hasPeers: true });
  await startSession(node);
  node.world.log = [...entries(1, 3), { ...(node.world.log[3] as Entry), tag: 99 as never }, ...entries(5, 5)];
  node.hear({
    kind: 'entries',
    conversation: GROUP.id,
    prevTag: 99 as never,
    entries: entries(5, 5),
    seq: seqOf(5),
    tag: tagOf(5),
  });
  await setImmediate();
  assert.deepEqual(node.lines, ['the database is not the one this node knew', 'closed: stale']);
});

test('[OPS-1] a drain takes nothing new and ends when all that was taken is settled', async () => {
  const node = startNode();
  node.append('a');
  await setImmediate();
  node.append('b');
  const drained = node.delivery.drain().then(() => node.lines.push('drained'));
  node.append('late');
  await commit(node, ...entries(5, 5));
  assert.deepEqual(node.lines, ['late: draining', 'a: 5']);
  await commit(node, ...entries(6, 6));
  await drained;
  assert.deepEqual(node.lines.slice(2), ['b: 6', 'drained']);
  await node.delivery.drain();
});

test('[OPS-1] [POS-1] a drain stores that authors have read what they wrote, and does not wait a second for it', async () => {
  const node = startNode();
  node.append('a');
  await setImmediate();
  const drained = node.delivery.drain();
  await commit(node, ...entries(5, 5));
  await drained;
  assert.deepEqual(
    node.moves.map(({ user, which, to, base }) => [user, which, to, base]),
    [[ALICE, 'read', 5, 4]],
  );
});

test('[OPS-1] a drain ends in order when the store is away and positions still wait for it', async () => {
  const node = startNode();
  node.append('a');
  await setImmediate();
  await commit(node, ...entries(5, 5));
  node.world.isAway = true;
  await node.delivery.drain();
  assert.deepEqual(node.moves, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS, type MemberRole, type Tag, type UserId } from '@parley/protocol';
import { type AppendView, type PastEntry, type Plan, planAppend } from '../../src/chat/append-plan.ts';
import type { AppendRequest, ConversationId } from '../../src/chat/ports/index.ts';
import { requestHash } from '../../src/chat/request-hash.ts';

const GROUP = 7 as ConversationId;
const DIRECT = 8 as ConversationId;
const ME = 1 as UserId;
const PEER = 2 as UserId;
const HEIR = 3 as UserId;

/** What the store holds; the rest is as in a group of three that nobody has written to yet. */
interface World {
  readonly me?: MemberRole | 'stranger' | 'ex-member';
  readonly peer?: MemberRole | 'stranger';
  readonly blockedBy?: UserId;
  readonly members?: number;
  readonly heir?: UserId;
  readonly past?: Readonly<Record<string, Partial<PastEntry>>>;
  readonly headTime?: number;
  readonly self?: boolean;
}

function viewOf(world: World): AppendView {
  const { me = 'member', peer = 'member', members = 3 } = world;
  const roleOf = (user: UserId) => (user === ME ? me : peer);
  return {
    parties: (id) => (id === GROUP ? 'group' : id === DIRECT ? [ME, world.self === true ? ME : PEER] : undefined),
    head: () => ({ seq: 41, ord: 30, tag: 410, time: world.headTime ?? 1_000 }) as never,
    role: (_id, user) => {
      const role = roleOf(user);
      return role === 'stranger' || role === 'ex-member' ? undefined : role;
    },
    wasMember: (_id, user) => roleOf(user) !== 'stranger',
    hasBlocked: (owner, other) => owner === world.blockedBy && owner !== other,
    past: (_id, author, clientId) => {
      const past = author === ME ? world.past?.[clientId] : undefined;
      return past && ({ kind: 'message', hash: 5, seq: 9, ord: 8, tag: 90, time: 900, ...past } as PastEntry);
    },
    memberCount: () => members,
    heir: () => world.heir,
  };
}

function requestOf(different: Partial<AppendRequest> = {}): AppendRequest {
  const kind = different.kind ?? 'message';
  const text = kind === 'message' ? 'hello' : null;
  const target = kind === 'kick' || kind === 'role' ? PEER : null;
  const role = kind === 'role' ? ('admin' as const) : null;
  const content = { kind, text, target, role, ...different };
  const who = { conversation: GROUP, author: ME, authorName: 'me', clientId: 'new', after: null };
  return { ...who, hash: requestHash(content), ...content };
}

function plan(request: Partial<AppendRequest>, world: World = {}): Plan {
  return planAppend(requestOf(request), viewOf(world), { now: 2_000, tag: () => 420 as Tag });
}

/** `committed`, `cancelled`, or why not. A refusal never writes anything. */
function outcome(request: Partial<AppendRequest>, world: World = {}): string {
  const { result, row, changes } = plan(request, world);
  if (result.state !== 'refused') return result.state;
  assert.deepEqual([row, changes], [undefined, []]);
  return result.code;
}

const KINDS = ['message', 'cancel', 'join', 'leave', 'kick', 'role'] as const;
const OK = 'committed';

/** Who may do what in a group, whose PEER is a plain member: KINDS from left to right. */
const IN_GROUP: Readonly<Record<NonNullable<World['me']>, readonly string[]>> = {
  stranger: ['not_member', 'not_member', OK, 'not_member', 'not_member', 'not_member'],
  'ex-member': ['not_member', 'cancelled', OK, 'not_member', 'not_member', 'not_member'],
  member: [OK, 'cancelled', 'already_member', OK, 'forbidden', 'forbidden'],
  admin: [OK, 'cancelled', 'already_member', OK, OK, 'forbidden'],
  owner: [OK, 'cancelled', 'already_member', OK, OK, OK],
};

for (const [me, expected] of Object.entries(IN_GROUP)) {
  test(`[IDENT-2] [SEND-4] [GROUP-1] what a group allows: ${me}`, () => {
    const told = KINDS.map((kind) => outcome({ kind }, { me: me as MemberRole }));
    assert.deepEqual(told, expected);
  });
}

test('[IDENT-2] what a direct conversation allows: its two people write and cancel, nobody else', () => {
  const told = KINDS.map((kind) => outcome({ conversation: DIRECT, kind }));
  assert.deepEqual(told, [OK, 'cancelled', ...Array(4).fill('no_such_group')]);
  const stranger = KINDS.map((kind) => outcome({ conversation: DIRECT, kind, author: HEIR }));
  assert.deepEqual(stranger, Array(6).fill('not_member'));
});

test('[IDENT-2] whom the other has blocked may not write, but cancel; whoever blocks may still write', () => {
  const told = (kind: 'message' | 'cancel', blockedBy: UserId) =>
    outcome({ conversation: DIRECT, kind }, { blockedBy });
  assert.deepEqual([told('message', PEER), told('cancel', PEER)], ['blocked', 'cancelled']);
  assert.equal(told('message', ME), OK);
  assert.equal(outcome({ conversation: DIRECT, author: PEER }, { blockedBy: ME }), 'blocked', 'the higher id too');
});

test('[IDENT-2] a block is nothing to a group, nor to what one writes to oneself', () => {
  assert.equal(outcome({}, { blockedBy: PEER }), OK);
  assert.equal(outcome({ conversation: DIRECT }, { self: true, blockedBy: ME }), OK);
});

test('what is appended where there is no conversation', () => {
  const told = KINDS.map((kind) => outcome({ conversation: 99 as ConversationId, kind }));
  assert.deepEqual(told, Array(6).fill('no_such_conversation'));
});

test('[ORDER-1] a message takes the next seq, ord and a new tag, and names the tag before', () => {
  const { result, row, changes } = plan({});
  const place = { seq: 42, ord: 31, tag: 420, time: 2_000 };
  assert.deepEqual(result, { state: 'committed', fresh: true, ...place, prevTag: 410 });
  const request = requestOf();
  const { after: _, authorName: __, ...content } = request;
  assert.deepEqual(row, { ...content, ...place });
  assert.deepEqual(changes, []);
});

test('[ORDER-1] what is no message counts in seq, not in ord', () => {
  for (const kind of ['cancel', 'leave', 'kick', 'role'] as const) {
    const { result } = plan({ kind }, { me: 'owner' });
    assert.ok(result.state !== 'refused');
    assert.deepEqual([result.seq, result.ord], [42, 30], kind);
  }
});

test('[ORDER-1] time never falls along a log', () => {
  const { result } = plan({}, { headTime: 5_000 });
  assert.ok(result.state === 'committed');
  assert.equal(result.time, 5_000);
});

/** The same message as the one stored under `old`. */
const OLD = requestOf({ clientId: 'old' });
const STORED = { old: { hash: OLD.hash } };
const FIRST = { fresh: false, seq: 9, ord: 8, tag: 90, prevTag: 0, time: 900 };

test('[SEND-2] a repeat gets the first outcome, and nothing is written', () => {
  assert.deepEqual(plan(OLD, { past: STORED }), { result: { state: 'committed', ...FIRST }, changes: [] });
});

test('[SEND-2] a repeat gets it whatever the author may do now, and whatever it came after', () => {
  const again = (world: World, different = {}) => outcome({ ...OLD, ...different }, { ...world, past: STORED });
  assert.equal(again({ me: 'ex-member' }), OK);
  assert.equal(again({ blockedBy: PEER }, { conversation: DIRECT }), OK);
  assert.equal(again({}, { after: 'nowhere' }), OK);
});

test('[SEND-2] a client id is its author’s own', () => {
  assert.equal(outcome({ ...OLD, author: PEER, text: 'mine' }, { past: STORED }), OK);
});

test('[SEND-3] the same id with another content or kind is a conflict', () => {
  assert.equal(outcome({ clientId: 'old', text: 'other' }, { past: STORED }), 'id_conflict');
  const kicked = { kind: 'kick' as const, target: PEER };
  const past = { old: { kind: 'kick' as const, hash: requestHash({ ...kicked, text: null, role: null }) } };
  assert.equal(outcome({ clientId: 'old', ...kicked }, { past }), OK);
  assert.equal(outcome({ clientId: 'old', kind: 'kick', target: HEIR }, { past }), 'id_conflict');
  assert.equal(outcome({ clientId: 'old', kind: 'leave' }, { past: STORED }), 'id_conflict');
});

test('[SEND-4] a cancelled id is never stored: whoever sends it is told cancelled, whatever the content', () => {
  const past = { old: { kind: 'cancel' as const, hash: 1 } };
  assert.deepEqual(plan(OLD, { past }), { result: { state: 'cancelled', ...FIRST }, changes: [] });
  assert.equal(outcome({ clientId: 'old', kind: 'leave' }, { past, me: 'ex-member' }), 'cancelled');
});

test('[SEND-4] a cancel that comes too late is told what was committed; one that comes twice, cancelled', () => {
  const cancel = { clientId: 'old', kind: 'cancel' as const };
  assert.deepEqual(plan(cancel, { past: STORED }).result, { state: 'committed', ...FIRST });
  assert.equal(outcome(cancel, { past: { old: { kind: 'cancel', hash: 1 } } }), 'cancelled');
});

test('[SEND-4] a cancel makes a tombstone with a place of its own, and no text', () => {
  const { result, row } = plan({ kind: 'cancel' });
  assert.ok(result.state === 'cancelled' && result.fresh);
  assert.deepEqual([row?.kind, row?.seq, row?.text], ['cancel', 42, null]);
});

test('[ORDER-2] a message comes only after the one that it names, committed or cancelled', () => {
  const past = { sent: {}, given: { kind: 'cancel' as const } };
  const after = (name: string) => outcome({ after: name }, { past });
  assert.deepEqual([after('sent'), after('given'), after('refused')], [OK, OK, 'after_failed']);
  assert.equal(after('new'), 'after_failed', 'itself');
  assert.equal(outcome({ author: PEER, after: 'sent' }, { past }), 'after_failed', 'another’s');
});

test('[ORDER-2] a chain that broke is said before what is not allowed, so that the author links anew', () => {
  assert.equal(outcome({ after: 'refused' }, { me: 'ex-member' }), 'after_failed');
});

test('[GROUP-1] kicks: only downwards, never oneself, only members', () => {
  const kick = (me: MemberRole, peer: NonNullable<World['peer']>) => outcome({ kind: 'kick' }, { me, peer });
  assert.deepEqual(
    [kick('owner', 'owner'), kick('owner', 'admin'), kick('owner', 'member'), kick('owner', 'stranger')],
    ['forbidden', OK, OK, 'target_not_member'],
  );
  assert.deepEqual(
    [kick('admin', 'owner'), kick('admin', 'admin'), kick('admin', 'member'), kick('admin', 'stranger')],
    ['forbidden', 'forbidden', OK, 'target_not_member'],
  );
  assert.deepEqual(
    [kick('member', 'owner'), kick('member', 'member'), kick('member', 'stranger')],
    ['forbidden', 'forbidden', 'forbidden'],
  );
  assert.equal(outcome({ kind: 'kick', target: ME }, { me: 'owner' }), 'not_yourself');
  assert.equal(outcome({ kind: 'kick', target: null }, { me: 'owner' }), 'no_such_user');
});

test('[GROUP-1] a kick puts its target out with its own entry', () => {
  const { row, changes } = plan({ kind: 'kick' }, { me: 'admin' });
  assert.deepEqual([row?.kind, row?.target, row?.role], ['kick', PEER, null]);
  assert.deepEqual(changes, [{ user: PEER, does: 'exit', role: 'member' }]);
});

test('[GROUP-1] roles: only by the owner, only admin and member, never oneself', () => {
  const give = (role: MemberRole | null, me: MemberRole = 'owner') => outcome({ kind: 'role', role }, { me });
  assert.deepEqual([give('admin'), give('member'), give('owner'), give(null)], [OK, OK, 'forbidden', 'forbidden']);
  assert.equal(give('member', 'admin'), 'forbidden');
  assert.equal(outcome({ kind: 'role', target: ME }, { me: 'owner' }), 'not_yourself');
  assert.equal(outcome({ kind: 'role' }, { me: 'owner', peer: 'stranger' }), 'target_not_member');
  const { row, changes } = plan({ kind: 'role' }, { me: 'owner' });
  assert.deepEqual([row?.target, row?.role], [PEER, 'admin']);
  assert.deepEqual(changes, [{ user: PEER, does: 'role', role: 'admin' }]);
});

test('[GROUP-2] an owner who leaves names the next one in the same entry', () => {
  const { row, changes } = plan({ kind: 'leave' }, { me: 'owner', heir: HEIR });
  assert.deepEqual([row?.kind, row?.target, row?.role], ['leave', HEIR, 'owner']);
  assert.deepEqual(changes, [
    { user: ME, does: 'exit', role: 'member' },
    { user: HEIR, does: 'role', role: 'owner' },
  ]);
});

test('[GROUP-2] nobody inherits from an admin or member, nor when the last one goes', () => {
  for (const world of [{ me: 'admin', heir: HEIR }, { me: 'member', heir: HEIR }, { me: 'owner' }] as const) {
    const { row, changes } = plan({ kind: 'leave' }, world);
    assert.deepEqual([row?.target, row?.role], [null, null]);
    assert.deepEqual(changes, [{ user: ME, does: 'exit', role: 'member' }]);
  }
});

test('[GROUP-2] who comes into an empty group owns it; who comes in otherwise is a member', () => {
  const join = (members: number) => plan({ kind: 'join' }, { me: 'ex-member', members }).changes;
  assert.deepEqual(join(0), [{ user: ME, does: 'enter', role: 'owner' }]);
  assert.deepEqual(join(1), [{ user: ME, does: 'enter', role: 'member' }]);
});

test('[LIMIT-1] a full group takes nobody else', () => {
  const join = (members: number) => outcome({ kind: 'join' }, { me: 'stranger', members });
  assert.deepEqual([join(LIMITS.groupMembers - 1), join(LIMITS.groupMembers)], [OK, 'group_full']);
});

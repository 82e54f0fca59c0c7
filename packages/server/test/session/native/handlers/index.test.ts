import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { REQUESTS } from '../../../../../protocol/src/upstream.ts';
import { type Frame, openTestNode, type TestNode, type User } from '../../test-node.ts';

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Schema | readonly Schema[];
}

/** A value that the schema allows. */
function example(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf !== undefined) return example(schema.anyOf[0] as Schema);
  switch (schema.type) {
    case 'string':
      return 'x';
    case 'integer':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return exampleObject(schema);
  }
}

function exampleObject({ properties = {} }: Schema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, example(schema)]));
}

/** Only the fields that must be there. */
function needed(schema: Schema): Frame {
  return Object.fromEntries(Object.entries(exampleObject(schema)).filter(([name]) => schema.required?.includes(name)));
}

/** Values of every JSON type, and numbers that are none of an id. */
const WRONG: readonly unknown[] = [
  null,
  true,
  'x',
  '7',
  1.5,
  -1,
  Number.MAX_VALUE,
  2 ** 53 + 2,
  [],
  [null],
  {},
  [[]],
  { a: 1 },
];

/** Whether a value is of the schema's type, judged here by other means than the server's. */
function fits(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined) return value === schema.const;
  if (schema.anyOf !== undefined) return schema.anyOf.some((option) => fits(option, value));
  switch (schema.type) {
    case 'integer':
      return (
        Number.isInteger(value) &&
        Number(value) >= (schema.minimum ?? -Infinity) &&
        Number(value) <= (schema.maximum ?? Infinity)
      );
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(schema.items as Schema, item));
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && fitsObject(schema, value);
    default:
      return typeof value === schema.type;
  }
}

function fitsObject({ properties = {}, required = [] }: Schema, value: Frame): boolean {
  return (
    required.every((name) => name in value) &&
    Object.entries(properties).every(([name, schema]) => !(name in value) || fits(schema, value[name]))
  );
}

/** What is left out, and each field with each wrong value. */
function spoiled(schema: Schema): { what: string; fields: Frame }[] {
  const good = exampleObject(schema);
  const names = Object.keys(schema.properties ?? {}).filter((name) => name !== 'id' && name !== 'op');
  const missing = names
    .filter((name) => schema.required?.includes(name))
    .map((name) => ({ what: `no ${name}`, fields: { ...good, [name]: undefined } }));
  const wrong = names.flatMap((name) =>
    WRONG.filter((value) => !fits(schema.properties?.[name] as Schema, value)).map((value) => {
      return { what: `${name} = ${JSON.stringify(value)}`, fields: { ...good, [name]: value } };
    }),
  );
  return [...missing, ...wrong];
}

test('[WIRE-2] every field of every operation, missing or of a wrong type, is refused, and all goes on', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  let count = 0;
  for (const [op, schema] of Object.entries(REQUESTS)) {
    for (const { what, fields } of spoiled(schema)) {
      const { id: _, op: __, ...rest } = fields;
      const { err } = await ann.ask(op, rest);
      assert.equal(err?.code, 'bad_request', `${op} with ${what}`);
      assert.ok(err.hint);
      count += 1;
    }
  }
  assert.ok(count > 300, String(count));
  await ann.ok('ping');
  assert.deepEqual(node.mistakes, []);
});

test('[WIRE-2] numbers at the edges are no mistakes of ours', async (t) => {
  const node = await openTestNode(t, { settings: { requestBurst: 1_000_000 } });
  const ann = await node.user('ann');
  await node.user('ben');
  const group = await node.group('ops', [ann]);
  await ann.ok('send', { to: group, text: 'x', clientId: 'x' });
  const numbers = [
    0,
    -0,
    1,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    1e300,
    -1,
    -(2 ** 53),
    Number.MAX_VALUE,
  ];
  for (const n of numbers) {
    const codes = await Promise.all([
      ann.ask('whois', { user: n }),
      ann.ask('revoke', { device: n === 1 ? 77 : n }),
      ann.ask('friends', { after: n }),
      ann.ask('members', { group, after: n }),
      ann.ask('history', { conversation: group, before: n }),
      ann.ask('history', { conversation: group, after: n }),
      ann.ask('history', { conversation: group, limit: n }),
      ann.ask('read', { conversation: group, seq: n }),
      ann.ask('delivered', { conversation: group, seq: n }),
      ann.ask('kick', { group, user: n, clientId: `k${n}` }),
      ann.ask('addFriend', { user: n }),
      ann.ask('send', { to: `u${n}`, text: 'x', clientId: `s${n}` }),
    ]);
    for (const { err } of codes) assert.notEqual(err?.code, 'internal', String(n));
  }
  assert.deepEqual(node.mistakes, []);
});

const HOSTILE = [
  "'; DROP TABLE user; --",
  '" OR 1=1 --',
  '%',
  '_',
  '\u001b[2J\u001b]52;c;eA==\u0007',
  'a\r\n{"level":"fatal"}',
  '\uD800',
  'x\u0000y',
  '\u202Etxt',
  '🏴‍☠️'.repeat(100),
  'x'.repeat(60_000),
  '__proto__',
];

test('[WIRE-2] SQL, escapes, line breaks and half characters in every text field do no harm', async (t) => {
  const node = await openTestNode(t, { settings: { requestBurst: 1_000_000 } });
  const ann = await node.user('ann');
  const bystander = await node.user('ben');
  const tester = node.native();
  for (const [op, schema] of Object.entries(REQUESTS) as [string, Schema][]) {
    const texts = Object.entries(schema.properties ?? {}).filter(([, field]) => fits(field, 'x'));
    for (const [name] of texts) {
      for (const hostile of HOSTILE) {
        const { id: _, op: __, ...rest } = { ...needed(schema), [name]: hostile };
        const asker = ['register', 'login', 'resume'].includes(op) ? tester : ann;
        const { ok, err } = await asker.ask(op, rest);
        assert.notEqual(err?.code, 'internal', `${op}.${name} = ${hostile}`);
        if (op === 'register' && ok !== undefined) await asker.ok('logout');
      }
    }
  }
  assert.deepEqual(node.mistakes, []);
  await bystander.ok('send', { to: '@ann', text: 'still here', clientId: 'x' });
});

// ——— who may do what

type Who = 'stranger' | 'friend' | 'blocked' | 'member' | 'exMember' | 'admin' | 'owner';
const EVERYBODY: readonly Who[] = ['stranger', 'friend', 'blocked', 'member', 'exMember', 'admin', 'owner'];

interface Row {
  readonly does: string;
  readonly ask: (w: World, me: User, n: number) => Promise<Frame>;
  /** `ok`, or the code of the refusal; the rest of them get `otherwise`. */
  readonly otherwise: string;
  readonly except?: Partial<Record<Who, string>>;
}

/** A group with people of all kinds. `target` is a plain member of it, whom `friend` has added and who has blocked `blocked`. */
interface World {
  readonly node: TestNode;
  readonly people: Readonly<Record<Who, User>>;
  readonly target: User;
  readonly group: string;
  readonly direct: string;
}

async function world(t: TestContext): Promise<World> {
  const node = await openTestNode(t);
  const users: [Who, User][] = [];
  for (const who of EVERYBODY) users.push([who, await node.user(who === 'admin' ? 'an admin' : who)]);
  const people = Object.fromEntries(users) as Record<Who, User>;
  const target = await node.user('target');
  const { stranger, friend, blocked, member, exMember, admin, owner } = people;
  const group = await node.group('ops', [owner, admin, member, exMember, target]);
  await owner.ok('role', { group, user: admin.id, role: 'admin', clientId: 'make' });
  await target.ok('send', { to: group, text: 'while all were there', clientId: 'early' });
  await exMember.ok('leave', { group, clientId: 'bye' });
  await target.ok('send', { to: group, text: 'later', clientId: 'late' });
  await friend.ok('addFriend', { user: target.id });
  const { conversation: direct } = await target.ok('send', { to: `u${stranger.id}`, text: 'private', clientId: 'p' });
  await target.ok('block', { user: blocked.id });
  return { node, people, target, group, direct };
}

/** Each try is made by everybody; those that could change what later ones find come last, or are refused to all but one. */
const ROWS: readonly Row[] = [
  { does: 'see a profile', otherwise: 'ok', ask: (w, me) => me.ask('whois', { user: w.target.id }) },
  {
    does: 'send direct',
    otherwise: 'ok',
    except: { blocked: 'blocked' },
    ask: (w, me, n) => me.ask('send', { to: `u${w.target.id}`, text: 'hi', clientId: `d${n}` }),
  },
  {
    does: 'request friendship',
    otherwise: 'ok',
    except: { blocked: 'blocked' },
    ask: (w, me) => me.ask('addFriend', { user: w.target.id }),
  },
  {
    does: 'read the history of a direct conversation of two others',
    otherwise: 'no_such_conversation',
    except: { stranger: 'ok' },
    ask: (w, me) => me.ask('history', { conversation: w.direct }),
  },
  {
    does: 'send to a direct conversation of two others',
    otherwise: 'no_such_conversation',
    except: { stranger: 'ok' },
    ask: (w, me, n) => me.ask('send', { to: w.direct, text: 'x', clientId: `x${n}` }),
  },
  {
    does: 'ask what became of an id in a direct conversation of two others',
    otherwise: 'no_such_conversation',
    except: { stranger: 'ok' },
    ask: (w, me) => me.ask('outcome', { to: w.direct, clientId: 'p' }),
  },
  {
    does: 'send to the group',
    otherwise: 'not_member',
    except: { member: 'ok', admin: 'ok', owner: 'ok' },
    ask: (w, me, n) => me.ask('send', { to: w.group, text: 'x', clientId: `s${n}` }),
  },
  {
    does: "read the group's history",
    otherwise: 'no_such_conversation',
    except: { member: 'ok', exMember: 'ok', admin: 'ok', owner: 'ok' },
    ask: (w, me) => me.ask('history', { conversation: w.group }),
  },
  {
    does: "read the group's members",
    otherwise: 'not_member',
    except: { member: 'ok', admin: 'ok', owner: 'ok' },
    ask: (w, me) => me.ask('members', { group: w.group }),
  },
  {
    does: 'cancel in the group',
    otherwise: 'not_member',
    except: { member: 'ok', exMember: 'ok', admin: 'ok', owner: 'ok' },
    ask: (w, me, n) => me.ask('cancel', { to: w.group, clientId: `never${n}` }),
  },
  {
    does: 'kick the owner',
    otherwise: 'not_member',
    except: { member: 'forbidden', admin: 'forbidden', owner: 'not_yourself' },
    ask: (w, me, n) => me.ask('kick', { group: w.group, user: w.people.owner.id, clientId: `ko${n}` }),
  },
  {
    does: 'kick an admin',
    otherwise: 'not_member',
    except: { member: 'forbidden', admin: 'not_yourself' },
    // The owner may, and does so in another test.
    ask: (w, me, n) =>
      me === w.people.owner
        ? Promise.resolve({ err: { code: 'not_member' } })
        : me.ask('kick', { group: w.group, user: w.people.admin.id, clientId: `ka${n}` }),
  },
  {
    does: 'make somebody admin',
    otherwise: 'not_member',
    except: { member: 'forbidden', admin: 'forbidden', owner: 'ok' },
    ask: (w, me, n) => me.ask('role', { group: w.group, user: w.target.id, role: 'admin', clientId: `r${n}` }),
  },
  {
    does: 'make an admin a member again',
    otherwise: 'not_member',
    except: { member: 'forbidden', admin: 'forbidden', owner: 'ok' },
    ask: (w, me, n) => me.ask('role', { group: w.group, user: w.target.id, role: 'member', clientId: `q${n}` }),
  },
  {
    does: 'kick a member',
    otherwise: 'not_member',
    except: { member: 'forbidden', admin: 'ok', owner: 'target_not_member' },
    ask: (w, me, n) => me.ask('kick', { group: w.group, user: w.target.id, clientId: `km${n}` }),
  },
  {
    does: "revoke another's device",
    otherwise: 'no_such_device',
    ask: async (w, me) => {
      const { devices } = await w.target.ok('devices');
      return me.ask('revoke', { device: devices[0].id });
    },
  },
  {
    does: 'join the group',
    otherwise: 'ok',
    except: { member: 'already_member', admin: 'already_member', owner: 'already_member' },
    ask: (w, me, n) => me.ask('join', { group: w.group, clientId: `j${n}` }),
  },
];

test('[IDENT-2] [GROUP-1] who may do what', async (t) => {
  // The rows build on one another, so they share one world and run in their order.
  const shared = await world(t);
  for (const { does, ask, otherwise, except = {} } of ROWS) {
    await t.test(does, async () => {
      const got: Record<string, string> = {};
      const wanted: Record<string, string> = {};
      for (const [n, who] of EVERYBODY.entries()) {
        const { err } = await ask(shared, shared.people[who], n);
        got[who] = err === undefined ? 'ok' : err.code;
        wanted[who] = except[who] ?? otherwise;
      }
      assert.deepEqual(got, wanted);
    });
  }
});

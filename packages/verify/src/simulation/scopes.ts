import type { UserId } from '@parley/protocol';
import type { Conversation } from '@parley/server/ports';
import type { Act, Scope } from './scope.ts';
import type { SimDevice } from './sim-device.ts';
import type { SimFault } from './step.ts';
import type { World } from './world.ts';

/** Two nodes and one group: user 1, its owner, on node 1; user 2 on node 2. */
const OPTIONS: Scope['options'] = { nodes: 2, devices: [1, 1], groups: [[1, 2]], pairs: [] };
const NODE_OF = { d11: 1, d21: 2 };

/** Two chained messages, sent without waiting. */
function two(at: string, conversation = 0): Act {
  const run = (world: World) => {
    for (const text of ['one', 'two']) deviceOf(world, at).say(conversationOf(world, conversation), `${text} of ${at}`);
  };
  return { at, label: `${at} sends two`, run };
}

function one(at: string, conversation = 0): Act {
  const run = (world: World) => void deviceOf(world, at).say(conversationOf(world, conversation), `one of ${at}`);
  return { at, label: `${at} sends one`, run };
}

const KICK: Act = {
  at: 'd11',
  label: 'd11 kicks user 2',
  run: (world) => deviceOf(world, 'd11').change(conversationOf(world), 'kick', 2 as UserId),
};

const REJOIN: Act = {
  at: 'd21',
  label: 'd21 joins again',
  isPossible: (world) => {
    const { members } = [...world.database.tables.logs.values()][0] ?? {};
    return members?.get(2 as UserId)?.stays.at(-1)?.to !== null;
  },
  run: (world) => deviceOf(world, 'd21').change(conversationOf(world), 'join', null),
};

const CANCEL: Act = {
  at: 'd11',
  label: 'd11 takes the first back',
  isPossible: (world) => deviceOf(world, 'd11').underWay.length > 0,
  run: (world) => {
    const [first] = deviceOf(world, 'd11').underWay;
    if (first !== undefined) deviceOf(world, 'd11').cancel(conversationOf(world), first.clientId);
  },
};

/** The scopes of `npm test`. In each at most one thing goes wrong, at any moment. */
export const SCOPES: readonly Scope[] = [
  scope('two authors', {}, { first: [one('d11'), one('d21')] }),
  scope('a chain of two, and a crash', { crash: 1 }, { first: [two('d11')] }),
  scope('a chain of two, and a freeze', { freeze: 1 }, { first: [two('d11')] }),
  scope('a chain of two, and a lost hint', { loseHint: 1 }, { first: [two('d11')] }),
  scope('two authors, and a lost hint', { loseHint: 1 }, { first: [one('d11'), one('d21')] }),
  { ...scope('a kick with rejoin', {}, { first: [], acts: [KICK, REJOIN] }), testStates: 4_000 },
  scope('a kick, and a message of who is put out', {}, { first: [one('d21')], acts: [KICK] }),
  scope('a chain of two, and a cancel', {}, { first: [two('d11')], acts: [CANCEL] }),
  scope('a chain of two, and an ambiguous commit', { ambiguous: 1 }, { first: [two('d11')] }),
  scope('two authors, and an ambiguous commit', { ambiguous: 1 }, { first: [one('d11'), one('d21')] }),
  scope('one message, and an older copy of the store', { restore: 1 }, { first: [one('d11')] }),
  {
    ...scope('two conversations, two devices of one user', { loseHint: 1 }, { first: [one('d11', 0), one('d21', 1)] }),
    options: { nodes: 2, devices: [2, 1], groups: [[1, 2]], pairs: [[1, 2]] },
    nodeOf: { d11: 1, d12: 2, d21: 2 },
  },
];

/** Larger ones, for `npm run simulate -- --scopes --large`: no end was seen of some. */
export const LARGE_SCOPES: readonly Scope[] = [
  scope('a chain of two, and a message of another', {}, { first: [two('d11'), one('d21')] }),
  scope('two chains of two', {}, { first: [two('d11'), two('d21')] }),
  scope('a kick with rejoin, and a message between', {}, { first: [one('d21')], acts: [KICK, REJOIN] }),
  scope('two authors, and a crash', { crash: 1 }, { first: [one('d11'), one('d21')] }),
  scope('two authors, and a freeze', { freeze: 1 }, { first: [one('d11'), one('d21')] }),
  scope('two authors, and an older copy of the store', { restore: 1 }, { first: [one('d11'), one('d21')] }),
  scope('a chain of two, and an older copy of the store', { restore: 1 }, { first: [two('d11')] }),
];

function scope(
  name: string,
  faults: Partial<Record<SimFault, number>>,
  { first, acts = [] }: { first: readonly Act[]; acts?: readonly Act[] },
): Scope {
  return { name, options: OPTIONS, nodeOf: NODE_OF, first, acts, faults };
}

function deviceOf(world: World, name: string): SimDevice {
  return world.devices.find((device) => device.name === name) as SimDevice;
}

function conversationOf(world: World, index = 0): Conversation {
  return world.conversations[index] as Conversation;
}

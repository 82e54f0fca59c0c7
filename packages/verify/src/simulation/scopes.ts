import type { Seq, Tag, UserId } from '@parley/protocol';
import type { Conversation } from '@parley/server/ports';
import type { Act, Scope } from './scope.ts';
import type { SimDevice } from './sim-device.ts';
import type { SimNode } from './sim-node.ts';
import type { Log, StoredEntry } from './tables.ts';
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

/** A hint that nobody sent comes to node 2, with a body that would be next there but follows something else. */
const LIE: Act = {
  at: 'n2',
  label: 'a hint lies',
  run: (world) => {
    const { conversation, entries } = [...world.database.tables.logs.values()][0] as Log;
    const last = entries.at(-1) as StoredEntry;
    const made = { ...last, seq: (last.seq + 1) as Seq, tag: 7 as Tag, kind: 'message' as const, text: 'a lie' };
    const where = { conversation: conversation.id, seq: made.seq, tag: made.tag };
    world.network.send((world.nodes[1] as SimNode).bus, {
      kind: 'entries',
      ...where,
      prevTag: 8 as Tag,
      entries: [made],
    });
  },
};

/** What is sent; each is combined with everything that may go wrong. */
const NOTHING = { name: 'nothing', first: [] };
const ONE = { name: 'one message', first: [one('d11')] };
const LIED_TO = { name: 'one message and a hint that lies', first: [LIE, one('d11')] };
const PUT_OUT = { name: 'a message of who is put out', first: [one('d21')] };
const CHAIN_PUT_OUT = { name: 'a chain of two of who is put out', first: [two('d21')] };
const CHAIN = { name: 'a chain of two', first: [two('d11')] };
const AUTHORS = { name: 'two authors', first: [one('d11'), one('d21')] };
const CHAIN_AND_ONE = { name: 'a chain of two and a message of another', first: [two('d11'), one('d21')] };
const CHAINS = { name: 'two chains of two', first: [two('d11'), two('d21')] };
const CONVERSATIONS = {
  name: 'two conversations, two devices of one user',
  first: [one('d11', 0), one('d21', 1)],
  options: { nodes: 2, devices: [2, 1], groups: [[1, 2]], pairs: [[1, 2] as const] },
  nodeOf: { d11: 1, d12: 2, d21: 2 },
};

const CRASH = { name: 'a crash', faults: { crash: 1 } };
const FREEZE = { name: 'a freeze', faults: { freeze: 1 } };
const LOST_HINT = { name: 'a lost hint', faults: { loseHint: 1 } };
const AMBIGUOUS = { name: 'an ambiguous commit', faults: { ambiguous: 1 } };
const OLDER_COPY = { name: 'an older copy of the store', faults: { restore: 1 } };
const A_CANCEL = { name: 'a cancel', acts: [CANCEL] };
const A_KICK = { name: 'a kick', acts: [KICK] };
const A_DOUBTFUL_KICK = { name: 'a kick whose commit may be ambiguous', faults: { ambiguous: 1 }, acts: [KICK] };
const KICK_AND_REJOIN = { name: 'a kick with rejoin', acts: [KICK, REJOIN] };

/** The scopes of `npm test`. In each at most one thing goes wrong, at any moment. */
export const SCOPES: readonly Scope[] = [
  ...[ONE, LIED_TO, AUTHORS, CHAIN, CONVERSATIONS].map((base) => scope(base)),
  ...[LOST_HINT, OLDER_COPY, A_CANCEL, A_KICK, AMBIGUOUS, FREEZE, CRASH].map((event) => scope(ONE, event)),
  scope(PUT_OUT, A_KICK),
  scope(NOTHING, A_DOUBTFUL_KICK),
  scope(NOTHING, KICK_AND_REJOIN),
  scope(CHAIN_AND_ONE),
  ...[LOST_HINT, A_CANCEL, AMBIGUOUS, FREEZE].map((event) => scope(CHAIN, event)),
  ...[LOST_HINT, A_CANCEL, AMBIGUOUS, FREEZE].map((event) => scope(AUTHORS, event)),
  ...[LOST_HINT, OLDER_COPY, A_CANCEL, AMBIGUOUS, FREEZE].map((event) => scope(CONVERSATIONS, event)),
];

/** Larger ones, for `npm run simulate -- --scopes --large`: docs/VERIFICATION.md tells which were seen whole. */
export const LARGE_SCOPES: readonly Scope[] = [
  scope(CHAIN_PUT_OUT, A_KICK),
  ...[A_KICK, OLDER_COPY, CRASH].map((event) => scope(CHAIN, event)),
  ...[A_KICK, OLDER_COPY, CRASH].map((event) => scope(AUTHORS, event)),
  ...[A_KICK, CRASH].map((event) => scope(CONVERSATIONS, event)),
  scope(CHAIN_AND_ONE, LOST_HINT),
  scope(CHAINS),
  ...[LOST_HINT, A_CANCEL, AMBIGUOUS, A_KICK, FREEZE, OLDER_COPY, CRASH].map((event) => scope(CHAINS, event)),
];

interface Base {
  readonly name: string;
  readonly first: readonly Act[];
  readonly options?: Scope['options'];
  readonly nodeOf?: Scope['nodeOf'];
}

function scope(
  { name, first, options = OPTIONS, nodeOf = NODE_OF }: Base,
  event?: { readonly name: string; readonly faults?: Scope['faults']; readonly acts?: readonly Act[] },
): Scope {
  const { faults = {}, acts = [] } = event ?? {};
  return { name: event === undefined ? name : `${name}, and ${event.name}`, options, nodeOf, first, acts, faults };
}

function deviceOf(world: World, name: string): SimDevice {
  return world.devices.find((device) => device.name === name) as SimDevice;
}

function conversationOf(world: World, index = 0): Conversation {
  return world.conversations[index] as Conversation;
}

import { type AppendReply, createClientId } from '@parley/protocol';
import { toGroup, toPerson } from '../addresses.ts';
import { type Context, connectWithSession } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';
import { membersOf } from '../lists.ts';
import { sortChats } from '../state/chats.ts';
import { followState } from '../state/private-state.ts';
import { padEnd } from '../text/width.ts';
import { forEach } from './each.ts';

type Deed = (context: Context, args: readonly string[]) => Promise<number>;

const DEEDS: Readonly<Record<string, Deed>> = { list, new: create, join, leave, kick, role, members };

/** Lists, makes, joins and leaves groups, and looks after their members. */
export async function run(context: Context): Promise<number> {
  const [word = 'list', ...args] = context.line.args;
  const deed = Object.hasOwn(DEEDS, word) ? DEEDS[word] : undefined;
  if (deed === undefined) throw usageFailure(`parley group does not know ${word}.`, 'Run: parley help group');
  return await deed(context, args);
}

async function list(context: Context): Promise<number> {
  await using client = await connectWithSession(context);
  const state = followState(client);
  await Promise.all([client.waitFor('synced'), client.sync({ default: { mode: 'lazy', last: 0 } })]);
  const groups = [...state().chats.values()].filter((chat) => chat.isGroup && !chat.left);
  for (const { id, label, role, description } of sortChats(groups)) {
    context.output.result(
      { type: 'group', chat: label, chat_id: id, role, description: description ?? null },
      `${padEnd(safe(label), 24)} ${id.padEnd(8)} ${padEnd(safe(role), 7)} ${safe(description ?? '')}`.trimEnd(),
    );
  }
  return EXIT.done;
}

async function create(context: Context, [name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined) throw usageFailure('What is the group called? parley group new NAME [DESCRIPTION…]');
  const description = words.join(' ');
  await using client = await connectWithSession(context);
  const fields = {
    name: name.replace(/^#/, ''),
    ...(description === '' ? {} : { description }),
    clientId: createClientId(),
  };
  const reply = await client.request('createGroup', fields);
  context.output.report(
    { type: 'ok', op: 'createGroup', chat: `#${reply.name}`, chat_id: reply.conversation },
    `Made #${safe(reply.name)}, number ${reply.conversation.slice(1)}.`,
  );
  return EXIT.done;
}

async function join(context: Context, args: readonly string[]): Promise<number> {
  const group = onlyGroup(args, 'join');
  await using client = await connectWithSession(context);
  const reply = await client.request('join', { group, clientId: createClientId() });
  return report(context, { op: 'join', group, reply, text: `Joined ${safe(group)}.` });
}

async function leave(context: Context, args: readonly string[]): Promise<number> {
  const group = onlyGroup(args, 'leave');
  await using client = await connectWithSession(context);
  const reply = await client.request('leave', { group, clientId: createClientId() });
  return report(context, { op: 'leave', group, reply, text: `Left ${safe(group)}.` });
}

async function kick(context: Context, [first, ...names]: readonly string[]): Promise<number> {
  if (first === undefined || names.length === 0) throw usageFailure('parley group kick GROUP WHO…');
  const [group, people] = [toGroup(first), names.map(toPerson)];
  await using client = await connectWithSession(context);
  return await forEach(context, people, async (user) => {
    const reply = await client.request('kick', { group, user, clientId: createClientId() });
    report(context, { op: 'kick', group, reply, text: `${safe(user)} is out of ${safe(group)}.` });
  });
}

async function role(context: Context, [first, who, role, ...more]: readonly string[]): Promise<number> {
  const isRole = role === 'admin' || role === 'member';
  if (first === undefined || who === undefined || !isRole || more.length > 0) {
    throw usageFailure('parley group role GROUP WHO admin|member');
  }
  const [group, user] = [toGroup(first), toPerson(who)];
  await using client = await connectWithSession(context);
  const reply = await client.request('role', { group, user, role, clientId: createClientId() });
  return report(context, { op: 'role', group, reply, text: `${safe(user)} is ${role} of ${safe(group)}.` });
}

async function members(context: Context, args: readonly string[]): Promise<number> {
  const group = onlyGroup(args, 'members');
  await using client = await connectWithSession(context);
  for await (const { user, role, online } of membersOf(client, group)) {
    context.output.result(
      { type: 'member', chat: group, user, role, online },
      `${padEnd(safe(user.name), 24)} ${padEnd(safe(role), 7)} ${online ? 'online' : 'offline'}`,
    );
  }
  return EXIT.done;
}

function onlyGroup([group, ...more]: readonly string[], word: string): string {
  if (group === undefined || more.length > 0) throw usageFailure(`parley group ${word} GROUP`);
  return toGroup(group);
}

interface Done {
  readonly op: string;
  readonly group: string;
  readonly reply: AppendReply;
  readonly text: string;
}

function report({ output }: Context, { op, group, reply, text }: Done): number {
  const { conversation, seq } = reply;
  output.report({ type: 'ok', op, chat: group, chat_id: conversation, id: `${conversation}/${seq}`, seq }, text);
  return EXIT.done;
}

import { toPerson } from '../addresses.ts';
import { type Context, connectWithSession } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';
import { contacts, presence, type Relation, relationOf } from '../lists.ts';
import { padEnd } from '../text/width.ts';
import { forEach } from './each.ts';

const DEEDS = {
  add: { op: 'addFriend', done: 'added' },
  remove: { op: 'removeFriend', done: 'removed' },
  block: { op: 'block', done: 'blocked' },
  unblock: { op: 'unblock', done: 'unblocked' },
} as const;

/** Lists contacts, or changes what someone is to this account. */
export async function run(context: Context): Promise<number> {
  const [word = 'ls', ...names] = context.line.args;
  if (word === 'ls' && names.length === 0) return await list(context);
  if (!Object.hasOwn(DEEDS, word) || names.length === 0) {
    throw usageFailure('parley friends wants nothing, ls, or add|remove|block|unblock WHO…');
  }
  const { op, done } = DEEDS[word as keyof typeof DEEDS];
  const people = names.map(toPerson);
  await using client = await connectWithSession(context);
  return await forEach(context, people, async (user) => {
    await client.request(op, { user });
    context.output.report({ type: 'ok', op, user }, `${safe(user)}: ${done}.`);
  });
}

async function list(context: Context): Promise<number> {
  await using client = await connectWithSession(context);
  for await (const row of contacts(client)) {
    const { user, added, addedMe, blocked, online, lastSeenAt } = row;
    const last_seen_at = lastSeenAt === null ? null : new Date(lastSeenAt).toISOString();
    const relation = relationOf(row);
    context.output.result(
      { type: 'friend', user, relation, added, added_me: addedMe, blocked, online, last_seen_at },
      `${padEnd(safe(user.name), 24)} ${presence(row).padEnd(20)} ${RELATIONS[relation]}`.trimEnd(),
    );
  }
  return EXIT.done;
}

const RELATIONS: Readonly<Record<Relation, string>> = {
  friend: '',
  asked: 'has not added you yet',
  request: 'has added you: parley friends add accepts',
  blocked: 'blocked',
  none: '',
};

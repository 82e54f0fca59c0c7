import { concurrently } from '../../load/concurrently.ts';
import { NativeSession } from '../../load/native-session.ts';
import { PASSWORD } from '../world/world.ts';
import type { ClusterWorld } from './cluster-world.ts';

/** Passwords that are hashed at once; a node takes no more. */
const AT_ONCE = 4;

/** Registers more, until there are users 1 to `count`, on all nodes in turn. */
export async function registerPeople({ nodes, tokens }: ClusterWorld, count: number): Promise<void> {
  const first = tokens.size;
  await concurrently(count - first, AT_ONCE, async (number) => {
    const session = await NativeSession.connect(nodes[number % nodes.length] as number);
    const name = `person ${first + number}`;
    const { user, token } = await session.request('register', { name, password: PASSWORD });
    session.end();
    tokens.set((user as { id: number }).id, String(token));
  });
}

/** Has users 1 and 2, 3 and 4, … say something to each other, so that their conversations are there. */
export async function introduce({ nodes, tokens }: ClusterWorld): Promise<void> {
  await concurrently(Math.floor(tokens.size / 2), 20, async (number) => {
    const one = await resume(nodes[0] as number, tokens.get(2 * number + 1));
    await one.request('send', { to: `u${2 * number + 2}`, clientId: 'hello', text: 'hello' });
    one.end();
  });
}

/** Makes a group of user 1 and has users 2 to n join; returns its address. */
export async function makeGroup(port: number, tokens: ReadonlyMap<number, string>, members: number): Promise<string> {
  const owner = await resume(port, tokens.get(1));
  const { conversation } = await owner.request('createGroup', { name: 'all of them', clientId: 'make' });
  owner.end();
  await concurrently(members - 1, 20, async (number) => {
    const member = await resume(port, tokens.get(number + 2));
    await member.request('join', { group: conversation, clientId: `join-${number}` });
    member.end();
  });
  return String(conversation);
}

async function resume(port: number, token: string | undefined): Promise<NativeSession> {
  const session = await NativeSession.connect(port);
  await session.request('resume', { token });
  return session;
}

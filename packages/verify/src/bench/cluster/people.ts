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

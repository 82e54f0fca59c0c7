import { concurrently } from '../../load/concurrently.ts';
import { NativeSession } from '../../load/native-session.ts';
import { PASSWORD } from '../world/world.ts';

/** Passwords that are hashed at once; a node takes no more. */
const AT_ONCE = 4;

/** Registers users 1 to n on a server that has none yet. Returns what each resumes with, by number. */
export async function registerPeople(ports: readonly number[], count: number): Promise<ReadonlyMap<number, string>> {
  const people = await concurrently(count, AT_ONCE, async (number) => {
    const session = await NativeSession.connect(ports[number % ports.length] as number);
    const { user, token } = await session.request('register', { name: `person ${number}`, password: PASSWORD });
    session.end();
    return [(user as { id: number }).id, String(token)] as const;
  });
  return new Map(people);
}

/** Makes a group of user 1 and has users 2 to n join; returns its address. */
export async function makeGroup(port: number, tokens: ReadonlyMap<number, string>, members: number): Promise<string> {
  const owner = await resume(port, tokens.get(1));
  const { conversation } = await owner.request('createGroup', { name: 'all of them', clientId: 'make' });
  owner.end();
  await concurrently(members - 1, 20, async (number) => {
    const member = await resume(port, tokens.get(number + 2));
    await member.request('join', { group: conversation, clientId: `join ${number}` });
    member.end();
  });
  return String(conversation);
}

async function resume(port: number, token: string | undefined): Promise<NativeSession> {
  const session = await NativeSession.connect(port);
  await session.request('resume', { token });
  return session;
}

import type { HistoryReply, OutcomeReply } from '@parley/protocol';
import type { Crowd } from '../crowd/crowd.ts';
import type { Person } from '../crowd/person.ts';
import { digestOfEntry } from '../history/digest.ts';
import type { HistoryWriter } from '../history/history-writer.ts';
import { concurrently } from '../load/concurrently.ts';
import { NativeSession, type Reply, RequestRefused } from '../load/native-session.ts';
import type { FaultyNode } from '../systems/system.ts';

const AT_ONCE = 4;
const PAGE = 500;
const AGAIN = 20;

/** What is asked, and where the answers go. */
export interface Asking {
  readonly crowd: Crowd;
  readonly history: HistoryWriter;
}

/**
 * Asks each node at the end: the histories of all conversations, as their members see them, and what became of client ids. Each
 * person is asked on one node about all conversations, and on the others about those of two and one group.
 */
export async function askNodes(nodes: readonly FaultyNode[], asking: Asking): Promise<void> {
  for (const [number, node] of nodes.entries()) {
    const { people } = asking.crowd;
    await concurrently(people.length, AT_ONCE, async (index) => {
      const person = people[index] as Person;
      const isWhole = index % nodes.length === number;
      await askAs(person, { node, isWhole, asking });
    });
  }
}

interface Question {
  readonly node: FaultyNode;
  readonly isWhole: boolean;
  readonly asking: Asking;
}

async function askAs(person: Person, { node, isWhole, asking }: Question): Promise<void> {
  const [device] = person.devices;
  if (device === undefined) return;
  const session = await NativeSession.connect(node.port);
  await session.request('resume', { token: device.token });
  const conversations = [...person.pairs, ...(isWhole ? person.groups : person.groups.slice(0, 1))];
  for (const c of conversations) await readAll(session, c, { person, node, asking });
  const ids = asking.crowd.idsOf(person.id);
  await concurrently(ids.length, AT_ONCE, async (index) => {
    const { conversation: c, clientId: i } = ids[index] as (typeof ids)[number];
    const reply = (await insist(session, 'outcome', { to: c, clientId: i })) as OutcomeReply;
    const q = reply.state === 'committed' ? reply.seq : undefined;
    asking.history.write({ k: 'asked', n: node.name, u: person.id, c, i, st: reply.state, q });
  });
  session.end();
}

async function readAll(
  session: NativeSession,
  c: string,
  { person, node, asking }: { person: Person; node: FaultyNode; asking: Asking },
): Promise<void> {
  let after = 0;
  for (let more = true; more; ) {
    const reply = (await insist(session, 'history', { conversation: c, after, limit: PAGE })) as HistoryReply;
    const e = reply.entries.map((entry): [number, number, number] => {
      const content = { ...entry, author: entry.from.id, target: entry.target?.id };
      return [entry.seq, entry.tag, digestOfEntry(content)];
    });
    more = reply.more && e.length > 0;
    after = reply.entries.at(-1)?.seq ?? after;
    asking.history.write({ k: 'page', n: node.name, u: person.id, c, e, last: !more });
    await asking.history.settle();
  }
}

/** Asks again while it is told to come later. */
async function insist(session: NativeSession, op: string, fields: object): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await session.request(op, fields);
    } catch (error) {
      if (!(error instanceof RequestRefused) || tries === AGAIN) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAGE));
    }
  }
}

import type { OutcomeReply } from '@parley/protocol';
import type { Crowd } from '../crowd/crowd.ts';
import type { Endpoint } from '../crowd/endpoint.ts';
import type { Person } from '../crowd/person.ts';
import { digestOfEntry } from '../history/digest.ts';
import type { HistoryWriter } from '../history/history-writer.ts';
import { concurrently } from '../load/concurrently.ts';
import { insist } from '../load/insist.ts';
import { NativeSession } from '../load/native-session.ts';
import { readHistoryPages } from './read-history-pages.ts';

const AT_ONCE = 4;

/** Whose conversations are asked about, and where the answers go. */
export interface Asking {
  readonly crowd: Crowd;
  readonly history: HistoryWriter;
  /** Nobody wants to know any more. */
  readonly signal: AbortSignal;
}

/**
 * Asks each node at the end: the histories of all conversations, as their members see them, and what became of client ids. Each
 * person is asked on one node about all conversations, and on the others about those of two and one group.
 */
export async function askNodes(nodes: readonly Endpoint[], asking: Asking): Promise<void> {
  for (const [number, node] of nodes.entries()) {
    const { people } = asking.crowd;
    await concurrently(people.length, AT_ONCE, async (index) => {
      asking.signal.throwIfAborted();
      const person = people[index] as Person;
      const isWhole = index % nodes.length === number;
      await askAs(person, { node, isWhole, asking });
    });
  }
}

interface Question {
  readonly node: Endpoint;
  readonly isWhole: boolean;
  readonly asking: Asking;
}

async function askAs(person: Person, { node, isWhole, asking }: Question): Promise<void> {
  const [device] = person.devices;
  if (device === undefined) return;
  const session = await NativeSession.connect(node);
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
  { person, node, asking }: { person: Person; node: Endpoint; asking: Asking },
): Promise<void> {
  for await (const { entries, isLast } of readHistoryPages(session, c)) {
    const e = entries.map((entry): [number, number, number] => {
      const content = { ...entry, author: entry.from.id, target: entry.target?.id };
      return [entry.seq, entry.tag, digestOfEntry(content)];
    });
    asking.history.write({ k: 'page', n: node.name, u: person.id, c, e, last: isLast });
    await asking.history.settle();
  }
}

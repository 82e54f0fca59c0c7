import type { WireEntry } from '@parley/protocol';
import type { Endpoint } from '../crowd/endpoint.ts';
import type { Person } from '../crowd/person.ts';
import { type KeptEntry, rowRecord } from '../history/row-record.ts';
import { concurrently } from '../load/concurrently.ts';
import { NativeSession } from '../load/native-session.ts';
import type { Asking } from './ask-nodes.ts';
import { readHistoryPages } from './read-history-pages.ts';

const AT_ONCE = 4;

/**
 * Writes the logs of all conversations as nodes show them, for a run whose database nobody reads. A group is read as its
 * owner sees it, who is a member from its first entry to its last, and a pair as one of the two does: nothing is hidden
 * from them. Knows nothing of heads, nor of the positions that the database keeps.
 * @returns the number of entries
 */
export async function readThroughNodes(nodes: readonly Endpoint[], asking: Asking): Promise<number> {
  const { people } = asking.crowd;
  const counts = await concurrently(people.length, AT_ONCE, (index) => {
    asking.signal.throwIfAborted();
    return readAs(people[index] as Person, nodes[index % nodes.length] as Endpoint, asking);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

async function readAs(person: Person, node: Endpoint, { history }: Asking): Promise<number> {
  const [device] = person.devices;
  if (device === undefined) return 0;
  const session = await NativeSession.connect(node);
  await session.request('resume', { token: device.token });
  let count = 0;
  for (const conversation of readBy(person)) {
    for await (const { entries } of readHistoryPages(session, conversation)) {
      for (const entry of entries) history.write(rowRecord(conversation, fieldsOf(entry)));
      count += entries.length;
      await history.settle();
    }
  }
  session.end();
  return count;
}

/** Each conversation has one reader. */
function readBy({ id, owns, pairs }: Person): string[] {
  return [...owns, ...pairs.filter((name) => name.startsWith(`d${id}-`))];
}

function fieldsOf(entry: WireEntry): KeptEntry {
  const { seq, ord, tag, kind, from, clientId, time, text = null, target, role } = entry;
  return { seq, ord, tag, kind, author: from.id, clientId, time, text, target: target?.id ?? null, role };
}

import type { FinalRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed, Session } from './history.ts';
import type { Violation } from './violation.ts';

/**
 * Every device that was there at the end got, over all of its sessions, every entry that its user may see. A device's first
 * session that names a conversation may begin behind its first entries: those it is taken to have. One that keeps no
 * cursors begins with the first that comes.
 */
export function* checkDelivered(evidence: Evidence): Generator<Violation> {
  const { history } = evidence;
  const finals = new Set(history.finals.map(({ d }) => d));
  const got = new Map<string, Set<number>>();
  for (const one of history.deliveries) {
    const session = history.sessions.get(one.session);
    if (!session || !finals.has(session.d) || one.kind !== 'entry') continue;
    setOf(got, `${session.d} ${history.nameOf(one.conversation)}`).add(one.seq);
  }
  for (const { d, c, e } of history.pages) {
    if (d !== undefined) for (const [seq] of e) setOf(got, `${d} ${c}`).add(seq);
  }
  const sessions = Map.groupBy(history.sessions.values(), ({ d }) => d);
  for (const final of history.finals) yield* checkDevice(final, sessions.get(final.d) ?? [], { evidence, got });
}

interface Known {
  readonly evidence: Evidence;
  readonly got: Map<string, Set<number>>;
}

function* checkDevice(
  { d, u }: Placed<FinalRecord>,
  sessions: readonly Session[],
  { evidence, got }: Known,
): Generator<Violation> {
  const [first] = sessions;
  const held = new Map(first?.at.map(([conversation, seq]) => [conversation, seq]));
  for (const conversation of evidence.conversations()) {
    const has = got.get(`${d} ${conversation}`);
    const missing: number[] = [];
    const before = first?.from === 'account' ? Math.min(...(has ?? [])) - 1 : (held.get(conversation) ?? 0);
    for (const { from, to } of evidence.audience(conversation).staysOf(u)) {
      const last = Math.min(to, evidence.lastSeq(conversation));
      for (let seq = Math.max(from, before + 1); seq <= last; seq += 1) {
        if (!has?.has(seq) && evidence.row(conversation, seq)) missing.push(seq);
      }
    }
    if (missing.length > 0) yield lost({ d, u, conversation, missing }, sessions, evidence);
  }
}

interface Loss {
  readonly d: number;
  readonly u: number;
  readonly conversation: string;
  readonly missing: readonly number[];
}

function lost({ d, u, conversation, missing }: Loss, sessions: readonly Session[], evidence: Evidence): Violation {
  const seqs = missing.slice(0, 20);
  const rows = seqs.map((seq) => evidence.row(conversation, seq)).filter((row) => row !== undefined);
  const more = missing.length > seqs.length ? ` and ${missing.length - seqs.length} more` : '';
  return {
    rule: 'delivered',
    what: `device ${d} of user ${u} did not get ${conversation}/${seqs.join(', ')}${more}`,
    conversation,
    user: u,
    seqs,
    lines: [...rows.slice(0, 3), ...sessions.slice(-3)].map(({ line }) => line),
    ...(rows[0] === undefined ? {} : { clientId: rows[0].i }),
  };
}

function setOf(sets: Map<string, Set<number>>, key: string): Set<number> {
  let set = sets.get(key);
  if (!set) {
    set = new Set();
    sets.set(key, set);
  }
  return set;
}

import type { Audience } from './audience-of.ts';
import type { Delivery } from './deliveries.ts';
import type { Evidence } from './evidence.ts';
import type { Violation } from './violation.ts';

/** Nobody was shown an entry, or told of a conversation, that he was not a member for; nor did anyone write who was none. */
export function* checkAudience(evidence: Evidence): Generator<Violation> {
  const { history } = evidence;
  for (const one of history.deliveries) {
    const session = history.sessions.get(one.session);
    const conversation = history.nameOf(one.conversation);
    // 0: on a connection that was not logged in.
    const user = session?.u ?? 0;
    if (mayGet(one, evidence.audience(conversation), user)) continue;
    const lines = [...(session ? [session.line] : []), one.line, ...membershipLines(evidence, conversation, user)];
    const told = { conversation, user, seq: one.seq, lines };
    yield { ...outsider(`session ${one.session} of user ${user} got`, told), session: one.session };
  }
  yield* checkPages(evidence);
  yield* checkAuthors(evidence);
}

/** Of what he never saw anything of, he is not told that something was left out. */
function mayGet({ kind, seq }: Delivery, audience: Audience, user: number): boolean {
  return kind === 'entry' ? audience.maySee(user, seq) : audience.staysOf(user).length > 0;
}

function* checkPages(evidence: Evidence): Generator<Violation> {
  for (const { n, u, c, e, line } of evidence.history.pages) {
    const audience = evidence.audience(c);
    for (const [seq] of e) {
      if (audience.maySee(u, seq)) continue;
      const lines = [line, ...membershipLines(evidence, c, u)];
      yield outsider(`${n} showed user ${u}`, { conversation: c, user: u, seq, lines });
    }
  }
}

/** Who does this must be in; to cancel he may have been. */
const OF_MEMBERS: ReadonlySet<string> = new Set(['message', 'leave', 'kick', 'cancel']);

function* checkAuthors(evidence: Evidence): Generator<Violation> {
  for (const [conversation, log] of evidence.history.logs) {
    const audience = evidence.audience(conversation);
    for (const { a, kind, q, i, line } of log) {
      const may = kind === 'cancel' ? audience.wasMemberBefore(a, q) : audience.isMemberBefore(a, q);
      if (may || !OF_MEMBERS.has(kind)) continue;
      const lines = [line, ...membershipLines(evidence, conversation, a)];
      yield { ...outsider(`user ${a} wrote`, { conversation, user: a, seq: q, lines }), clientId: i };
    }
  }
}

interface Outside {
  readonly conversation: string;
  readonly user: number;
  readonly seq: number;
  readonly lines: readonly number[];
}

function outsider(what: string, { conversation, user, seq, lines }: Outside): Violation {
  const sentence = `${what} ${conversation}/${seq} without being a member then`;
  return { rule: 'audience', what: sentence, conversation, user, seqs: [seq], lines };
}

function membershipLines({ history }: Evidence, conversation: string, user: number): number[] {
  const log = history.logs.get(conversation) ?? [];
  return log.filter(({ kind, a, w }) => kind !== 'message' && (a === user || w === user)).map(({ line }) => line);
}

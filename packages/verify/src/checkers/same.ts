import type { Evidence } from './evidence.ts';
import type { Violation } from './violation.ts';

/** What was delivered is the database's entry of that number, so all got the same in the same order; a gap ends at an entry of it. */
export function* checkSame(evidence: Evidence): Generator<Violation> {
  const { history } = evidence;
  for (const one of history.deliveries) {
    if (one.kind === 'reset') continue;
    const conversation = history.nameOf(one.conversation);
    const row = evidence.row(conversation, one.to);
    if (row && row.g === one.tag && (one.kind !== 'entry' || row.h === one.digest)) continue;
    const user = history.sessions.get(one.session)?.u;
    const there =
      row === undefined ? 'has no such entry' : `has another there (tag ${row.g}, ${row.i} of user ${row.a})`;
    yield {
      rule: 'same',
      what: `session ${one.session} of user ${user} got ${one.kind === 'entry' ? '' : 'a gap up to '}${conversation}/${one.to} with tag ${one.tag}, and the database ${there}`,
      conversation,
      session: one.session,
      seqs: [one.to],
      lines: [one.line, ...(row ? [row.line] : [])],
      ...(user === undefined ? {} : { user }),
      ...(row === undefined ? {} : { clientId: row.i }),
    };
  }
}

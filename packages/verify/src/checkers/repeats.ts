import type { Evidence } from './evidence.ts';
import { cancellations, confirmations, describeId, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/** All answers about one id tell the same place; two contents never went well under one id; what was cancelled stays so. */
export function* checkRepeats({ ids }: Evidence): Generator<Violation> {
  for (const id of ids.all()) {
    const answers = confirmations(id);
    const [first] = answers;
    if (!first) continue;
    const other = answers.find(({ r }) => r?.q !== first.r?.q);
    if (other) yield violation(id, `was told to stand at ${first.r?.q} and at ${other.r?.q}`, [first, other]);
    const sent = answers.filter(({ op }) => op === 'send');
    const changed = sent.find(({ x }) => x !== sent[0]?.x);
    if (changed && sent[0]) yield violation(id, 'went well with two contents', [sent[0], changed]);
    const [cancelled] = cancellations(id);
    if (cancelled) yield violation(id, 'was told to be stored and to be cancelled', [first, cancelled]);
  }
}

function violation(id: KnownId, what: string, calls: KnownId['tries']): Violation {
  return {
    rule: 'repeats',
    what: `${describeId(id)} ${what}`,
    conversation: id.conversation,
    user: id.author,
    clientId: id.clientId,
    seqs: calls.flatMap(({ r }) => (r?.q === undefined ? [] : [r.q])),
    lines: calls.map(({ line }) => line),
  };
}

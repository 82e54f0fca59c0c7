import { ERROR_CODES, isErrorCode } from '@parley/protocol';
import type { Evidence } from './evidence.ts';
import { asksFor, cancellations, confirmations, describeId, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

/**
 * All answers about one id tell the same place; nothing but what is stored under it went well, or was refused for ever after
 * that was told; what was cancelled stays so.
 */
export function* checkRepeats({ ids }: Evidence): Generator<Violation> {
  for (const id of ids.all()) {
    const answers = confirmations(id);
    const [first] = answers;
    if (!first) continue;
    const other = answers.find(({ r }) => r?.q !== first.r?.q);
    if (other) yield violation(id, `was told to stand at ${first.r?.q} and at ${other.r?.q}`, [first, other]);
    const changed = id.rows[0] && changedFrom(id.rows[0], id);
    if (changed) yield violation(id, 'went well with another content than it is stored with', [changed]);
    const refused = refusedLater(id, first);
    if (refused) yield violation(id, `was refused (${refused.e}) when it was sent again`, [first, refused]);
    const [cancelled] = cancellations(id);
    if (cancelled) yield violation(id, 'was told to be stored and to be cancelled', [first, cancelled]);
  }
}

type Call = KnownId['tries'][number];

/** A call that went well and asked for something else than what is stored. A tombstone in its place is another rule's. */
function changedFrom(row: KnownId['rows'][number], { tries }: KnownId): Call | undefined {
  return row.kind === 'cancel' ? undefined : tries.find((call) => call.r !== undefined && !asksFor(call, row));
}

/** The same once more, after it was told to be stored, and refused for ever. */
function refusedLater({ tries }: KnownId, told: Call): Call | undefined {
  const same = tries.filter(({ op, x, w }) =>
    tries.some((made) => made.r && made.op === op && made.x === x && made.w === w),
  );
  return same.find(({ t, e }) => t > told.d && e !== undefined && isForEver(e));
}

/** `cancelled` is told of by itself. A stored message is found before what it was sent after is looked at. */
function isForEver(code: string): boolean {
  if (code === 'cancelled') return false;
  return code === 'after_failed' || (isErrorCode(code) && ERROR_CODES[code].retry === 'never');
}

function violation(id: KnownId, what: string, calls: KnownId['tries']): Violation {
  return {
    rule: 'repeats',
    what: `${describeId(id)} ${what}`,
    conversation: id.conversation,
    user: id.author,
    clientId: id.clientId,
    seqs: calls.flatMap(({ r }) => (r?.q === undefined ? [] : [r.q])),
    lines: [...calls, ...id.rows].map(({ line }) => line),
  };
}

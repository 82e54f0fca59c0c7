import type { Delivery } from './deliveries.ts';
import type { Evidence } from './evidence.ts';
import type { Violation } from './violation.ts';

interface Place {
  seq: number;
  /** Where it was told; 0: by the device itself, in its `sync`. */
  line: number;
}

/**
 * After its cursor each session gets each entry once, rising, and no hole that is not told by a gap. Only before the first
 * thing that a device without a cursor gets, nothing is told.
 */
export function* checkOnce(evidence: Evidence): Generator<Violation> {
  const { history } = evidence;
  const places = new Map<number, Map<number, Place>>();
  for (const one of history.deliveries) {
    const ofSession = placesOf(places, one.session);
    const place = ofSession.get(one.conversation) ?? cursorAt(one, evidence);
    const complaint = complaintAbout(one, place) ?? lazyComplaint(one, evidence);
    if (complaint !== undefined) yield violation(one, { complaint, place, evidence });
    ofSession.set(one.conversation, {
      seq: one.kind === 'reset' ? one.to : Math.max(one.to, place?.seq ?? 0),
      line: one.line,
    });
  }
}

function complaintAbout({ kind, seq, to }: Delivery, place: Place | undefined): string | undefined {
  if (kind === 'reset') return 'was told to forget what it has, though nobody changed the database';
  if (kind === 'other') return 'was told a gap for no reason that there is';
  if (to < seq) return 'was told a gap that ends before it begins';
  if (place === undefined) return undefined;
  if (kind === 'entry' && seq <= place.seq)
    return seq === place.seq ? 'got an entry twice' : 'got an entry twice or late';
  if (seq > place.seq + 1) return `was not told about ${place.seq + 1}..${seq - 1}`;
  return undefined;
}

/** What is left out is left out because it was asked for, and no more than that of what there is in the end. */
function lazyComplaint({ kind, session, conversation, to }: Delivery, evidence: Evidence): string | undefined {
  if (kind !== 'paged') return undefined;
  const { history } = evidence;
  const name = history.nameOf(conversation);
  const { at = [], lazy = [], u = 0 } = history.sessions.get(session) ?? {};
  const isKnown = at.some(([where]) => where === name);
  const last = lazy.find(([where]) => where === name) ?? (isKnown ? undefined : lazy.find(([where]) => where === ''));
  if (last === undefined) return 'was told to page, though it asks for everything';
  const stays = evidence.audience(name).staysOf(u);
  const end = Math.min(stays.at(-1)?.to ?? 0, evidence.lastSeq(name));
  // What nobody may see at the end of what is left out is told with it.
  const seen = Math.max(0, ...stays.filter(({ from }) => from <= to).map((stay) => Math.min(stay.to, to)));
  return seen > end - last[1] ? `was told to page more than all but the last ${last[1]}` : undefined;
}

function cursorAt({ session, conversation }: Delivery, { history }: Evidence): Place | undefined {
  const name = history.nameOf(conversation);
  const cursor = history.sessions.get(session)?.at.find(([where]) => where === name);
  return cursor && { seq: cursor[1], line: 0 };
}

interface Finding {
  readonly complaint: string;
  readonly place: Place | undefined;
  readonly evidence: Evidence;
}

function violation(one: Delivery, { complaint, place, evidence }: Finding): Violation {
  const { history } = evidence;
  const conversation = history.nameOf(one.conversation);
  const session = history.sessions.get(one.session);
  const row = evidence.row(conversation, one.seq);
  const before = place?.line || session?.line;
  return {
    rule: 'once',
    what: `session ${one.session} of user ${session?.u} ${complaint}: ${conversation}/${one.seq} after ${place?.seq ?? 'nothing'}`,
    conversation,
    session: one.session,
    seqs: [one.seq],
    lines: [...(before === undefined ? [] : [before]), one.line],
    ...(session === undefined ? {} : { user: session.u }),
    ...(row === undefined ? {} : { clientId: row.i }),
  };
}

function placesOf(places: Map<number, Map<number, Place>>, session: number): Map<number, Place> {
  let found = places.get(session);
  if (!found) {
    found = new Map();
    places.set(session, found);
  }
  return found;
}

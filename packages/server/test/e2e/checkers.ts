import type { Device, Received, Sent } from './device.ts';

/** A log as `history` tells it, oldest first. */
export type Log = readonly Received[];

/** What is wrong between what the database holds and what a device was told. Empty: nothing. [DELIV-1] */
export function checkDelivered({ name, received }: Pick<Device, 'name' | 'received'>, logs: ReadonlyMap<string, Log>) {
  return [...logs].flatMap(([conversation, log]) => {
    const got = received.filter((entry) => entry.conversation === conversation).map(keyOf);
    const stored = log.map(keyOf);
    const wrong = stored.findIndex((entry, index) => entry !== got[index]);
    if (wrong !== -1) return [`${name} in ${conversation}: expected ${stored[wrong]}, got ${got[wrong] ?? 'nothing'}`];
    return got.length > stored.length ? [`${name} in ${conversation}: got ${got[stored.length]} out of nowhere`] : [];
  });
}

/** Numbers must be dense, client ids unique. [ORDER-1] [SEND-2] */
export function checkLog(log: Log): string[] {
  const ids = new Set<string>();
  return log.flatMap(({ conversation, seq, clientId }, index) => {
    const wrong: string[] = [];
    if (seq !== index + 1) wrong.push(`${conversation}/${seq} stands where ${index + 1} belongs`);
    if (ids.has(clientId)) wrong.push(`${conversation}/${seq}: ${clientId} is stored twice`);
    ids.add(clientId);
    return wrong;
  });
}

/**
 * Each acknowledgement must be true, what was cancelled must not be there, and an author's words must stand in the order
 * in which they were said. [SEND-1] [SEND-4] [ORDER-2]
 */
export function checkSent(sent: readonly Sent[], logs: readonly Log[]): string[] {
  const places = new Map(logs.flat().map((entry) => [entry.clientId, entry]));
  const last = new Map<string, number>();
  return sent.flatMap(({ clientId, ackedSeq, to, isCancelled }) => {
    const place = places.get(clientId);
    if (isCancelled) return place?.kind === 'message' ? [`${clientId} was cancelled and is stored`] : [];
    if (place === undefined) return ackedSeq === undefined ? [] : [`${clientId} was acknowledged and is not stored`];
    const wrong: string[] = [];
    if (ackedSeq !== undefined && ackedSeq !== place.seq)
      wrong.push(`${clientId}: ${ackedSeq} is stored as ${place.seq}`);
    if (place.seq <= (last.get(to) ?? 0)) wrong.push(`${clientId} passed an earlier one`);
    last.set(to, place.seq);
    return wrong;
  });
}

function keyOf({ seq, tag, clientId, kind }: Received): string {
  return `${seq} (${kind} ${clientId}, tag ${tag})`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from './chain.ts';
import type { Device } from './device.ts';
import type { CallNote, Outcome } from './live-session.ts';

const AGAIN_MS = 100;

/** A request that is repeated until it is answered for good. */
export interface Insistence {
  readonly device: Device;
  readonly op: string;
  readonly fields: object;
  readonly note: CallNote;
}

/** Asks again and again, as it is, until it went well or was refused for good; gives up after `ms`. */
export async function settle({ device, op, fields, note }: Insistence, ms = 60_000): Promise<Outcome> {
  const end = performance.now() + ms;
  let outcome: Outcome = { kind: 'lost' };
  while (performance.now() < end && !device.isRetired) {
    outcome = await device.request(op, fields, note);
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isFinal(outcome.code))) return outcome;
    await sleep(outcome.kind === 'refused' ? outcome.retryAfterMs : AGAIN_MS);
  }
  return outcome;
}

import { ERROR_CODES, isErrorCode } from '@parley/protocol';
import { digestOf } from '../history/digest.ts';
import type { Device } from './device.ts';
import type { Outcome } from './live-session.ts';

interface Item {
  readonly clientId: string;
  readonly text: string;
  isFlying: boolean;
  tries: number;
  /** It was on a connection that ended: a copy may still arrive, whatever is answered now. */
  isOpen: boolean;
  notBefore: number;
}

/** Sends without an answer; beyond them the next waits. */
const WINDOW = 16;
const LATER_MS = 100;

/**
 * What one device sends to one conversation, each after the one before. After any trouble it goes on one by one, under the same
 * ids, until all is settled: stored, cancelled, or refused for good while no other copy is under way.
 */
export class Chain {
  readonly #device: Device;
  readonly #conversation: string;
  readonly #onSettled: (clientId: string, text: string, outcome: Outcome) => void;
  #items: Item[] = [];
  #standing: string | undefined;
  #isCareful = false;

  constructor(device: Device, conversation: string, onSettled: Chain['onSettled']) {
    this.#device = device;
    this.#conversation = conversation;
    this.#onSettled = onSettled;
  }

  /** Told of each message that is settled; `ok` when it is stored. */
  get onSettled(): (clientId: string, text: string, outcome: Outcome) => void {
    return this.#onSettled;
  }

  get waiting(): number {
    return this.#items.length;
  }

  add(clientId: string, text: string): void {
    this.#items.push({ clientId, text, isFlying: false, tries: 0, isOpen: false, notBefore: 0 });
    this.pump();
  }

  /** Sends what may be sent now. Call it when the device is live again, and now and then. */
  pump(): void {
    if (!this.#device.isLive || this.#device.isPaused) return;
    const now = performance.now();
    const count = this.#isCareful ? 1 : WINDOW;
    for (const [index, item] of this.#items.slice(0, count).entries()) {
      if (!item.isFlying && item.notBefore <= now) this.#fly(item, this.#items[index - 1]?.clientId ?? this.#standing);
    }
  }

  #fly(item: Item, after: string | undefined): void {
    const { clientId, text } = item;
    item.isFlying = true;
    item.tries += 1;
    const to = this.#conversation;
    const link = after === undefined ? {} : { after };
    const noted = after === undefined ? {} : { a: after };
    const note = { op: 'send', c: to, i: clientId, x: digestOf(text), ...noted } as const;
    void this.#device
      .request('send', { to, text, clientId, ...link }, note)
      .then((outcome) => this.#landed(item, outcome));
  }

  #landed(item: Item, outcome: Outcome): void {
    item.isFlying = false;
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && outcome.code === 'cancelled')) {
      this.#standing = item.clientId;
      this.#settled(item, outcome);
    } else if (outcome.kind === 'lost') {
      item.isOpen = true;
      this.#isCareful = true;
    } else if (isFinal(outcome.code)) {
      this.#isCareful = true;
      if (item.isOpen) this.#cancel(item);
      else this.#settled(item, outcome);
    } else {
      this.#isCareful = true;
      item.notBefore = performance.now() + outcome.retryAfterMs;
    }
    this.pump();
  }

  /** Refused, but a copy may be under way: only this makes it final. */
  #cancel(item: Item): void {
    item.isFlying = true;
    const { clientId } = item;
    const to = this.#conversation;
    void this.#device.request('cancel', { to, clientId }, { op: 'cancel', c: to, i: clientId }).then((outcome) => {
      item.isFlying = false;
      const isSettled = outcome.kind === 'ok' && ['committed', 'cancelled'].includes(String(outcome.reply['state']));
      if (isSettled) {
        this.#standing = clientId;
        this.#settled(item, outcome);
      } else item.notBefore = performance.now() + LATER_MS;
      this.pump();
    });
  }

  #settled(item: Item, outcome: Outcome): void {
    this.#items = this.#items.filter((other) => other !== item);
    if (this.#items.every(({ tries }) => tries === 0)) this.#isCareful = false;
    this.#onSettled(item.clientId, item.text, outcome);
  }
}

/** Whether a refusal stays one however often it is tried. */
export function isFinal(code: string): boolean {
  return !isErrorCode(code) || ERROR_CODES[code].retry === 'never';
}

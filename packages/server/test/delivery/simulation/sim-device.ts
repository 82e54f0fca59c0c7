import type { Seq, SyncMode, UserId } from '@parley/protocol';
import type { SeededRandom } from '@parley/testkit';
import type { Conversation, Cursor, StateVersion } from '../../../src/chat/ports/index.ts';
import type { DeviceCursor, SyncPlan } from '../../../src/delivery/peer.ts';
import type { Item } from './reading.ts';

/** What a device keeps between its sessions. */
export class SimDevice {
  readonly user: UserId;
  readonly #cursors = new Map<string, Cursor>();
  readonly #acked = new Map<string, Cursor[]>();
  #version: StateVersion | undefined;

  constructor(user: UserId) {
    this.user = user;
  }

  /** An answer came: the entry itself may still be on its way. */
  acknowledged(conversation: Conversation, cursor: Cursor): void {
    const before = this.#acked.get(conversation.address) ?? [];
    this.#acked.set(conversation.address, [...before, cursor].slice(-3));
  }

  learn(items: readonly { conversation: Conversation; item: Item }[], version: StateVersion | undefined): void {
    for (const { conversation, item } of items) {
      const { address } = conversation;
      if ('entry' in item) this.#cursors.set(address, { seq: item.entry.seq, tag: item.entry.tag });
      else if (item.gap.reason === 'reset') this.#forget(address);
      else this.#cursors.set(address, { seq: item.gap.to, tag: item.gap.tag });
    }
    if (version !== undefined) this.#version = version;
  }

  /** What it asks for when it comes back; now and then it lies. */
  plan(random: SeededRandom): SyncPlan {
    const byDefault: SyncMode = random.chance(0.5) ? { mode: 'full' } : { mode: 'lazy', last: random.below(4) };
    if (random.chance(0.15)) return { from: 'account', cursors: new Map(), byDefault, state: undefined };
    const cursors = new Map<string, DeviceCursor>();
    for (const [address, cursor] of this.#cursors) {
      const want = random.chance(0.3) ? ({ mode: 'lazy', last: random.below(4) } as const) : undefined;
      cursors.set(address, { cursor: this.#maybeLie(cursor, random), acked: this.#open(address, cursor), want });
    }
    return { from: 'device', cursors, byDefault, state: this.#version };
  }

  #forget(address: string): void {
    this.#cursors.delete(address);
    this.#acked.delete(address);
  }

  #open(address: string, { seq }: Cursor): Cursor[] {
    return (this.#acked.get(address) ?? []).filter((acked) => acked.seq > seq);
  }

  #maybeLie({ seq, tag }: Cursor, random: SeededRandom): Cursor {
    if (!random.chance(0.03)) return { seq, tag };
    return { seq: (seq + random.below(4)) as Seq, tag: random.tag() };
  }
}

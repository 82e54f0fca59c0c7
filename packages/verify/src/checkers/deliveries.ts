/** What a session got: an entry, or a gap with its reason. */
export type DeliveryKind = 'entry' | 'paged' | 'not_member' | 'reset' | 'other';

/** One delivery; of an entry `to` is its seq. */
export interface Delivery {
  readonly session: number;
  readonly conversation: number;
  readonly seq: number;
  readonly to: number;
  readonly tag: number;
  readonly digest: number;
  readonly kind: DeliveryKind;
  readonly line: number;
}

const KINDS: readonly DeliveryKind[] = ['entry', 'paged', 'not_member', 'reset', 'other'];
const FIELDS = 8;
const FIRST_CAPACITY = 1_024;

/** All deliveries in order, in columns: there are millions. */
export class Deliveries {
  #cells = new Uint32Array(FIRST_CAPACITY * FIELDS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(one: Delivery): void {
    const start = this.#count * FIELDS;
    if (start === this.#cells.length) this.#grow();
    const { session, conversation, seq, to, tag, digest, line } = one;
    this.#cells.set([session, conversation, seq, to, tag, digest, KINDS.indexOf(one.kind), line], start);
    this.#count += 1;
  }

  *[Symbol.iterator](): Generator<Delivery> {
    for (let index = 0; index < this.#count; index += 1) yield this.at(index);
  }

  at(index: number): Delivery {
    const cells = this.#cells;
    const start = index * FIELDS;
    return {
      session: cells[start] ?? 0,
      conversation: cells[start + 1] ?? 0,
      seq: cells[start + 2] ?? 0,
      to: cells[start + 3] ?? 0,
      tag: cells[start + 4] ?? 0,
      digest: cells[start + 5] ?? 0,
      kind: KINDS[cells[start + 6] ?? 0] ?? 'other',
      line: cells[start + 7] ?? 0,
    };
  }

  #grow(): void {
    const wider = new Uint32Array(this.#cells.length * 2);
    wider.set(this.#cells);
    this.#cells = wider;
  }
}

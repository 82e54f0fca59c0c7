import assert from 'node:assert/strict';
import type { FakeLink } from './fake-link.ts';
import { until } from './until.ts';

/** An answer or an event as it came. Tests name the fields that they look at. */
export type Frame = Record<string, ReturnType<typeof JSON.parse>>;

/** A native client over a link: asks, and keeps what comes. */
export class NativeTester {
  readonly link: FakeLink;
  readonly events: Frame[] = [];
  /** Answers in the order in which they came. */
  readonly answers: Frame[] = [];
  #lastId = 0;

  constructor(link: FakeLink) {
    this.link = link;
    link.onWritten = (frame) => {
      const parsed = JSON.parse(frame) as Frame;
      if ('re' in parsed) this.answers.push(parsed);
      else this.events.push(parsed);
    };
  }

  /** Sends a request and returns its number. */
  put(op: string, fields: object = {}): number {
    this.#lastId += 1;
    this.link.receive(`${JSON.stringify({ id: this.#lastId, op, ...fields })}\n`);
    return this.#lastId;
  }

  async answer(id: number | null): Promise<Frame> {
    await until(() => this.answers.some(({ re }) => re === id));
    return this.answers.find(({ re }) => re === id) as Frame;
  }

  /** Asks, and waits for the answer, whatever it is. */
  ask(op: string, fields: object = {}): Promise<Frame> {
    return this.answer(this.put(op, fields));
  }

  /** Asks for something that must go well. */
  async ok(op: string, fields: object = {}): Promise<Frame> {
    const { ok, err } = await this.ask(op, fields);
    assert.ok(ok, `${op}: ${JSON.stringify(err)}`);
    return ok;
  }

  /** Asks for something that must be refused; the code. */
  async code(op: string, fields: object = {}): Promise<string> {
    const { ok, err } = await this.ask(op, fields);
    assert.ok(err, `${op} was answered ${JSON.stringify(ok)}`);
    return err.code;
  }

  /** Waits for the first event that fits, among those that came before as well. */
  async event(isWanted: (event: Frame) => boolean): Promise<Frame> {
    await until(() => this.events.some(isWanted));
    return this.events.find(isWanted) as Frame;
  }

  /** The entries that came for one conversation. */
  entries(conversation: string): Frame[] {
    return this.events.filter((event) => event['ev'] === 'entry' && event['conversation'] === conversation);
  }

  async synced(fields: object = { default: { mode: 'full' } }): Promise<void> {
    await this.ok('sync', fields);
    await this.event(({ ev }) => ev === 'synced');
  }
}

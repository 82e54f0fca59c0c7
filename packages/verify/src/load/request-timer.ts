import { setTimeout as sleep } from 'node:timers/promises';
import type { LatencyHistogram } from './latency-histogram.ts';
import type { NativeSession } from './native-session.ts';

const FINISH_MS = 20_000;

/** Takes the time of requests of one native session, many at once, by their numbers; looks at nothing else. */
export class RequestTimer {
  readonly #session: NativeSession;
  readonly #latencies: LatencyHistogram;
  readonly #due = new Map<number, number>();
  #refusal: string | undefined;

  constructor(session: NativeSession, latencies: LatencyHistogram) {
    this.#session = session;
    this.#latencies = latencies;
    session.link.onFrame = (frame) => this.#onFrame(frame);
  }

  /** Waits until all are answered; throws when one was refused, or is not answered within 20 s. */
  async finish(): Promise<void> {
    const deadline = performance.now() + FINISH_MS;
    while (this.#due.size > 0 && performance.now() < deadline) await sleep(5);
    if (this.#due.size > 0) throw new Error(`${this.#due.size} requests were not answered`);
    if (this.#refusal !== undefined) throw new Error(`a request was refused: ${this.#refusal}`);
  }

  /** Sends a request; `rest` is what follows its number: `"op":"ping"`. Its latency counts from `dueMs`. */
  ask(rest: string, dueMs: number): void {
    const id = this.#session.nextId();
    this.#due.set(id, dueMs);
    this.#session.link.write(`{"id":${id},${rest}}`);
  }

  #onFrame(frame: string): void {
    if (!frame.startsWith('{"re":')) return;
    const id = Number.parseInt(frame.slice(6, 24), 10);
    const due = this.#due.get(id);
    if (due === undefined) return;
    this.#due.delete(id);
    this.#latencies.record((performance.now() - due) * 1_000);
    if (!frame.includes('"ok":')) this.#refusal ??= frame;
  }
}

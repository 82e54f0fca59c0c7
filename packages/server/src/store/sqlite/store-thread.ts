import { Worker } from 'node:worker_threads';
import type { CommitOutcome } from '../../chat/ports/log-store.ts';
import type { AppendRequest } from '../../chat/ports/records.ts';
import { StoreUnavailable } from '../../chat/ports/store.ts';
import { StoreBroken } from '../store-errors.ts';
import { failureFrom, messageOf } from './failure.ts';
import { flattenRequests, unflattenDone } from './flat-batch.ts';
import type { ThreadReply } from './thread-messages.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls one worker thread, which answers in the order of the calls. */
export class StoreThread<M> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onBroken: (error: Error) => void;
  #lastId = 0;
  #ended: Error | undefined;

  private constructor(worker: Worker, onBroken: (error: Error) => void) {
    this.#worker = worker;
    this.#onBroken = onBroken;
  }

  /**
   * Starts the thread and waits until it has opened its database.
   * @throws what the opening threw
   */
  static async open<M>(
    name: 'writer' | 'reader',
    data: unknown,
    onBroken: (error: Error) => void,
  ): Promise<StoreThread<M>> {
    // The sources run as they are, and `dist` holds .js beside this file.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./${name}-thread.${extension}`, import.meta.url), {
      name: `store-${name}`,
      workerData: data,
    });
    const thread = new StoreThread<M>(worker, onBroken);
    await thread.#start();
    return thread;
  }

  /** Calls a method. Rejects with StoreUnavailable when the thread was closed. */
  call<Name extends keyof M & string>(
    method: Name,
    args: M[Name] extends (...args: infer Args) => unknown ? Args : never,
  ): Promise<M[Name] extends (...args: never[]) => infer Result ? Result : never> {
    return this.#send([method, args]) as Promise<never>;
  }

  /** Never rejects. */
  async commit(batch: readonly AppendRequest[]): Promise<CommitOutcome> {
    try {
      return (await this.#send(flattenRequests(batch, ['commit']))) as CommitOutcome;
    } catch (error) {
      return error instanceof StoreBroken ? { state: 'unknown' } : { state: 'failed', reason: messageOf(error) };
    }
  }

  /** Lets the thread finish what it was asked before, close its database, and end. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const closed = this.#send(['close', []]);
    this.#ended = new StoreUnavailable('the store is closed');
    await closed;
    await this.#worker.terminate();
  }

  #send(message: readonly unknown[]): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage([id, ...message]);
    return promise;
  }

  #start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const first = (reply: ThreadReply): void => {
      if (reply[1] === 'broken') {
        reject(failureFrom(reply[2]));
        return;
      }
      this.#worker.on('message', (message: ThreadReply) => this.#receive(message));
      this.#worker.on('error', (error) => this.#break(error));
      resolve();
    };
    this.#worker.once('message', first);
    this.#worker.once('error', reject);
    return promise;
  }

  #receive(reply: ThreadReply): void {
    const [id, kind] = reply;
    if (kind === 'broken') {
      this.#break(failureFrom(reply[2]));
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (kind === 'failure') waiting?.reject(failureFrom(reply[2]));
    else waiting?.resolve(kind === 'done' ? unflattenDone(reply, 2) : reply[2]);
  }

  /** Nothing that was under way has a known outcome. */
  #break(error: unknown): void {
    const broken = new StoreBroken(messageOf(error), { cause: error });
    this.#ended = broken;
    for (const { reject } of this.#waiting.values()) reject(broken);
    this.#waiting.clear();
    this.#onBroken(broken);
  }
}

import { type MessagePort, parentPort } from 'node:worker_threads';
import { StoreBroken } from '../store-errors.ts';
import { plainFailure } from './failure.ts';
import type { Flat } from './flat-batch.ts';
import type { ThreadReply, ThreadRequest } from './thread-messages.ts';

/** What a thread offers. */
export interface ThreadService {
  /** Runs one method. */
  call(method: string, args: readonly unknown[]): unknown;
  /** Commits a flat batch, whose requests begin at `start`, and appends the outcome to `reply`. */
  commit?(batch: Flat, start: number, reply: Flat): void;
  /** Runs after each answer has left, so that nobody waits for it. */
  afterwards?(): void;
  close(): void;
}

/** Opens a service in this thread and answers requests one after the other, until `close` was called. */
export function serveThread(open: () => ThreadService): void {
  const port = parentPort;
  if (port === null) throw new Error('this file runs only as a worker thread');
  const reply = (message: ThreadReply): void => port.postMessage(message);
  try {
    const service = open();
    port.on('message', (request: ThreadRequest) => answer(service, request, reply));
    reply([0, 'ready']);
  } catch (error) {
    reply([0, 'broken', plainFailure(error)]);
    port.close();
  }
}

function answer(service: ThreadService, request: ThreadRequest, reply: (message: ThreadReply) => void) {
  const [id, method] = request;
  if (method === 'close') {
    service.close();
    reply([id, 'value', undefined]);
    closePort();
    return;
  }
  try {
    perform(service, request, reply);
    service.afterwards?.();
  } catch (error) {
    reply([0, 'broken', plainFailure(error)]);
    closePort();
  }
}

/**
 * Answers one request.
 * @throws {StoreBroken} after which nothing is answered: the process is to end, and no outcome is known
 */
function perform(service: ThreadService, request: ThreadRequest, reply: (message: ThreadReply) => void): void {
  const [id, method] = request;
  try {
    if (method === 'commit') {
      const done: [number, 'done', ...Flat] = [id, 'done'];
      service.commit?.(request as Flat, 2, done);
      reply(done);
    } else {
      reply([id, 'value', service.call(method, request[2] as readonly unknown[])]);
    }
  } catch (error) {
    if (error instanceof StoreBroken) throw error;
    reply([id, 'failure', plainFailure(error)]);
  }
}

function closePort(): void {
  (parentPort as MessagePort).close();
}

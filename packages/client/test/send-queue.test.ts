import assert from 'node:assert/strict';
import test from 'node:test';
import type { AppendReply, ErrorCode } from '@parley/protocol';
import fc from 'fast-check';
import { ClientError } from '../src/errors.ts';
import { SendQueue } from '../src/send-queue.ts';

const LOST = new ClientError({ kind: 'lost', message: 'gone' });

/** A queue whose effects are written down. */
function createQueue(): { queue: SendQueue; log: string[]; take: () => string[] } {
  const log: string[] = [];
  const queue = new SendQueue({
    transmit: ({ clientId }, after) =>
      log.push(after === undefined ? `send ${clientId}` : `send ${clientId} after ${after}`),
    cancel: ({ clientId }) => log.push(`cancel ${clientId}`),
    settled: ({ clientId }, outcome) =>
      log.push(outcome instanceof ClientError ? `${clientId} ${outcome.kind} ${outcome.code}` : `${clientId} stored`),
  });
  return { queue, log, take: () => log.splice(0) };
}

const message = (clientId: string, to = 'g7', deadlineMs = 1_000): Parameters<SendQueue['submit']>[0] => ({
  clientId,
  to,
  text: clientId,
  deadlineMs,
});
const reply = (seq: number, conversation = 'g7'): AppendReply => ({ conversation, seq, ord: seq, tag: seq, time: seq });
const refusal = (
  code: ErrorCode,
  retryAfterMs?: number,
): { code: ErrorCode; message: string; retryAfterMs?: number } => ({
  code,
  message: code,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

test('[ORDER-2] every send is linked to the one before it in its conversation, whatever that is called', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  for (const [id, to] of [
    ['a', '@Bob'],
    ['b', '@bob'],
    ['x', 'g9'],
  ] as const)
    queue.submit(message(id, to));
  assert.deepEqual(take(), ['send a', 'send b after a', 'send x']);
  queue.answered('a', reply(1, 'd1-2'));
  queue.answered('b', reply(2, 'd1-2'));
  queue.submit(message('c', 'd1-2'));
  assert.deepEqual(take(), ['a stored', 'b stored', 'send c after b']);
});

test('[ORDER-2] what follows a refused one is linked over it, also when the answers come in another order', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  for (const id of ['a', 'b', 'c', 'd']) queue.submit(message(id));
  take();
  queue.answered('a', reply(1));
  queue.refused('c', refusal('after_failed'), 0);
  queue.refused('d', refusal('after_failed'), 0);
  assert.deepEqual(take(), ['a stored']);
  queue.refused('b', refusal('text_too_long'), 0);
  assert.deepEqual(take(), ['b refused text_too_long', 'send c after a', 'send d after c']);
});

test('[ORDER-2] a refusal for the moment holds back what follows in its own conversation only', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  for (const [id, to] of [
    ['a', 'g7'],
    ['b', 'g7'],
    ['x', 'g9'],
  ] as const)
    queue.submit(message(id, to));
  take();
  queue.refused('a', refusal('rate_limited', 200), 0);
  queue.refused('b', refusal('after_failed'), 0);
  queue.answered('x', reply(1, 'g9'));
  queue.tick(199);
  assert.deepEqual(take(), ['x stored']);
  queue.tick(200);
  assert.deepEqual(take(), ['send a', 'send b after a']);
  queue.refused('a', refusal('busy', 10_000), 300);
  queue.refused('b', refusal('after_failed'), 300);
  queue.tick(1_000);
  assert.deepEqual(take().toSorted(), ['a refused busy', 'b refused after_failed']);
});

test('a lost link: everything goes again under the same ids, in order', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  for (const id of ['a', 'b']) queue.submit(message(id));
  queue.linkDown(undefined);
  queue.submit(message('c'));
  take();
  queue.linkUp();
  assert.deepEqual(take(), ['send a', 'send b after a', 'send c after b']);
});

test('a refusal does not settle a message that may be stored by another copy: never is made final first', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  queue.submit(message('a'));
  queue.linkDown(undefined);
  queue.linkUp();
  queue.submit(message('b'));
  take();
  queue.refused('a', refusal('not_member'), 0);
  assert.deepEqual(take(), ['cancel a']);
  queue.cancelAnswered('a', { state: 'pending' }, 0);
  queue.tick(500);
  assert.deepEqual(take(), ['cancel a']);
  queue.cancelAnswered('a', { state: 'committed', ...reply(1) }, 600);
  assert.deepEqual(take(), ['a stored']);
});

test('a link that does not come back: what was never written was not sent, what was is unknown', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  queue.submit(message('a'));
  take();
  queue.linkDown(undefined);
  queue.submit(message('b'));
  queue.linkDown(LOST);
  assert.deepEqual(take(), ['a unknown_outcome unknown_outcome', 'b lost lost']);
});

test('[ORDER-2] after an unknown outcome the next message settles it: it is stored by then, or cancelled', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  queue.submit(message('a', 'g7', 100));
  queue.tick(100);
  queue.submit(message('b'));
  assert.deepEqual(take(), ['send a', 'a unknown_outcome unknown_outcome', 'send b after a']);
  queue.refused('b', refusal('after_failed'), 200);
  assert.deepEqual(take(), ['cancel a']);
  queue.cancelAnswered('a', { state: 'cancelled' }, 300);
  assert.deepEqual(take(), ['send b']);
});

test('[ORDER-2] what follows one that is taken back waits, and is linked to what stands before that', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  for (const id of ['a', 'b']) queue.submit(message(id));
  queue.linkDown(undefined);
  queue.linkUp();
  take();
  queue.refused('a', refusal('busy', 300), 0);
  queue.refused('b', refusal('forbidden'), 0);
  for (const id of ['c', 'd']) queue.submit(message(id));
  assert.deepEqual(take(), ['cancel b'], 'b is no link: that it is cancelled says nothing of a');
  queue.cancelAnswered('b', { state: 'cancelled' }, 100);
  assert.deepEqual(take(), ['b refused forbidden', 'send c after a', 'send d after c']);
});

test('[ORDER-2] of two unknown outcomes both are settled before the next message', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  for (const id of ['a', 'b']) queue.submit(message(id, 'g7', 100));
  queue.tick(100);
  queue.submit(message('c'));
  take();
  queue.refused('c', refusal('after_failed'), 200);
  queue.cancelAnswered('b', { state: 'cancelled' }, 300);
  assert.deepEqual(take(), ['cancel b', 'send c after a']);
  queue.refused('c', refusal('after_failed'), 400);
  queue.cancelAnswered('a', { state: 'cancelled' }, 500);
  assert.deepEqual(take(), ['cancel a', 'send c']);
});

test('a message that is sent again after an unknown outcome goes under the same id', () => {
  const { queue, take } = createQueue();
  queue.linkUp();
  queue.submit(message('a', 'g7', 100));
  queue.tick(100);
  queue.submit(message('a', 'g7', 2_000));
  queue.answered('a', reply(1));
  queue.submit(message('b', 'g7', 2_000));
  assert.deepEqual(take(), ['send a', 'a unknown_outcome unknown_outcome', 'send a', 'a stored', 'send b after a']);
});

test('[ORDER-2] whatever the server refuses and the network loses, the log has each message once, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 120 }), (choices) => {
      const server = new LogServer();
      const queue = new SendQueue({
        transmit: ({ clientId }, after) => server.receive({ clientId, after }),
        cancel: ({ clientId }) => server.receive({ clientId, isCancel: true }),
        settled: ({ clientId }, outcome) => server.told.set(clientId, outcome),
      });
      let now = 0;
      let next = 0;
      queue.linkUp();
      const step = (choice: number): void => {
        now += 50;
        if (choice <= 1) queue.submit(message(`m${next++}`, 'g7', Number.POSITIVE_INFINITY));
        else if (choice <= 5) {
          const code = choice === 2 ? 'busy' : choice === 3 ? 'forbidden' : undefined;
          server.handleNext({ code, nowMs: now })?.(queue);
        } else {
          // Of what is under way, some requests arrive; no answer does.
          if (choice === 6) server.handleNext({ code: undefined, nowMs: now });
          server.wire.length = 0;
          queue.linkDown(undefined);
          queue.linkUp();
        }
        queue.tick(now);
      };
      choices.forEach(step);
      for (let round = 0; round < 2_000 && queue.size > 0; round += 1) step(5);
      const submitted = Array.from({ length: next }, (_, index) => `m${index}`);
      assert.deepEqual(
        server.log,
        submitted.filter((id) => server.log.includes(id)),
        'in order, once',
      );
      for (const id of submitted) {
        const isStored = !((server.told.get(id) ?? LOST) instanceof ClientError);
        assert.equal(server.log.includes(id), isStored, `${id} is told as it is`);
      }
    }),
    // One that failed once: a refusal that took one back while the one before it waited.
    { numRuns: 5_000, examples: [[[0, 0, 0, 0, 3, 6, 2, 2, 3, 0]]] },
  );
});

interface Arrived {
  readonly clientId: string;
  readonly after?: string | undefined;
  readonly isCancel?: boolean;
}

/** The server's rules for client ids and `after`, and a wire that can lose what is on it. */
class LogServer {
  readonly log: string[] = [];
  readonly #cancelled = new Set<string>();
  readonly told = new Map<string, AppendReply | ClientError>();
  readonly wire: Arrived[] = [];

  receive(request: Arrived): void {
    this.wire.push(request);
  }

  /** Handles the oldest request; what it answers may reach the queue or be lost. */
  handleNext({
    code,
    nowMs,
  }: {
    code: ErrorCode | undefined;
    nowMs: number;
  }): ((queue: SendQueue) => void) | undefined {
    const request = this.wire.shift();
    if (request === undefined) return undefined;
    const { clientId, after, isCancel } = request;
    const seq = this.log.indexOf(clientId) + 1;
    const refuse = (code: ErrorCode) => (queue: SendQueue) => queue.refused(clientId, refusal(code, 100), nowMs);
    if (isCancel === true) {
      if (seq === 0) this.#cancelled.add(clientId);
      const outcome = seq === 0 ? { state: 'cancelled' as const } : { state: 'committed' as const, ...reply(seq) };
      return (queue) => queue.cancelAnswered(clientId, outcome, nowMs);
    }
    if (seq > 0) return (queue) => queue.answered(clientId, { ...reply(seq), duplicate: true });
    if (this.#cancelled.has(clientId)) return refuse('cancelled');
    if (code !== undefined) return refuse(code);
    if (after !== undefined && !this.log.includes(after) && !this.#cancelled.has(after)) return refuse('after_failed');
    this.log.push(clientId);
    const stored = reply(this.log.length);
    return (queue) => queue.answered(clientId, stored);
  }
}

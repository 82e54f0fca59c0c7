import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppendRequest, AppendResult, ConversationId } from '../../src/chat/ports/index.ts';
import {
  MessageLog,
  type MessageLogEffects,
  type MessageLogLimits,
  type Pending,
} from '../../src/delivery/message-log.ts';
import { BOB, DIRECT, GROUP, placed, request } from './builders.ts';

const LIMITS: MessageLogLimits = { batchRows: 3, batchChars: 100, queuedRows: 5, queuedChars: 1_000 };

/** Writes down what the log asks for, in words. */
class Notes implements MessageLogEffects<string> {
  readonly lines: string[] = [];
  onPlaced: () => void = () => undefined;
  onGather: () => void = () => undefined;

  commit(batch: readonly AppendRequest[]): void {
    this.lines.push(`commit ${ids(batch)}`);
  }

  gather(): void {
    this.onGather();
  }

  settle(batch: readonly AppendRequest[]): void {
    this.lines.push(`settle ${ids(batch)}`);
  }

  pause(): void {
    this.lines.push('pause');
  }

  placed(batch: readonly Pending<string>[], results: readonly AppendResult[]): void {
    assert.equal(batch.length, results.length);
    batch.forEach(({ owner }, index) => {
      const result = results[index] as AppendResult;
      this.lines.push(`${owner} ${result.state === 'refused' ? result.code : result.seq}`);
    });
    this.onPlaced();
  }

  refused({ owner }: Pending<string>, code: string): void {
    this.lines.push(`${owner} ${code}`);
  }

  stuck(pending: readonly Pending<string>[]): void {
    this.lines.push(`stuck ${pending.map(({ owner }) => owner).join('+')}`);
  }

  /** What was asked since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

function ids(batch: readonly AppendRequest[]): string {
  return batch.map(({ clientId }) => clientId).join('+');
}

function startLog(limits: MessageLogLimits = LIMITS) {
  const notes = new Notes();
  const log = new MessageLog<string>(notes, limits);
  // Each request comes in a turn of its own.
  notes.onGather = () => log.begin();
  const append = (...names: string[]) => {
    for (const name of names) log.append(request(name), name);
  };
  return { notes, log, append };
}

/** The answer of a commit that placed entries from `first` on. */
function done(first: number, count: number) {
  const results = Array.from({ length: count }, (_, index) => placed(first + index));
  return { state: 'done', results, changed: [] } as const;
}

test('what arrives in one turn is one batch', () => {
  const { notes, log, append } = startLog();
  let gathered = 0;
  notes.onGather = () => {
    gathered += 1;
  };
  append('a', 'b');
  assert.deepEqual(notes.take(), []);
  assert.equal(log.isIdle, false);
  assert.equal(gathered, 1);
  log.begin();
  assert.deepEqual(notes.take(), ['commit a+b']);
  append('c');
  log.committed(done(1, 2));
  log.committed(done(3, 1));
  append('d');
  assert.equal(gathered, 2, 'also after a pause');
});

test('the end of a turn in which nothing was gathered changes nothing', () => {
  const { notes, log, append } = startLog();
  log.begin();
  append('a', 'b');
  log.begin();
  assert.deepEqual(notes.take(), ['commit a']);
});

test('what arrives while a transaction is under way is the next batch, asked for before the first is spread', () => {
  const { notes, log, append } = startLog();
  append('a', 'b', 'c');
  assert.deepEqual(notes.take(), ['commit a']);
  log.committed(done(1, 1));
  assert.deepEqual(notes.take(), ['commit b+c', 'a 1']);
  assert.equal(log.isIdle, false);
  log.committed(done(2, 2));
  assert.deepEqual(notes.take(), ['b 2', 'c 3']);
  assert.equal(log.isIdle, true);
});

test('[SEND-1] nothing is answered before its transaction has ended', () => {
  const { notes, log, append } = startLog();
  append('a', 'b');
  assert.deepEqual(notes.take(), ['commit a']);
  log.committed(done(1, 1));
  assert.deepEqual(notes.take(), ['commit b', 'a 1'], 'b is not answered with a');
});

test('[SEND-1] a batch that surely failed is refused, each request of it, and the next one goes on', () => {
  const { notes, log, append } = startLog();
  append('a', 'b', 'c');
  log.committed({ state: 'failed', reason: 'disk full' });
  assert.deepEqual(notes.take(), ['commit a', 'commit b+c', 'a store_unavailable']);
  log.committed({ state: 'failed', reason: 'disk full' });
  assert.deepEqual(notes.take(), ['b store_unavailable', 'c store_unavailable']);
  assert.equal(log.isIdle, true);
});

test('[ORDER-1] what is stuck leaves with all that waits for the same conversation, in order, and the rest goes on', () => {
  const { notes, log } = startLog();
  const append = (name: string, conversation: ConversationId) => log.append(request(name, { conversation }), name);
  append('a', GROUP.id);
  append('b', DIRECT.id);
  append('c', GROUP.id);
  append('d', DIRECT.id);
  append('e', GROUP.id);
  log.committed({ state: 'done', results: [placed(1)], changed: [] });
  assert.deepEqual(notes.take(), ['commit a', 'commit b+c+d', 'a 1']);
  append('f', DIRECT.id);
  log.committed({ state: 'done', results: [undefined, placed(2), undefined], changed: [] });
  assert.deepEqual(notes.take(), ['commit e', 'c 2', 'stuck b+d+f']);
  assert.equal(log.holdsAnyOf(DIRECT.id), false);
  assert.equal(log.holdsAnyOf(GROUP.id), true);
  log.committed({ state: 'done', results: [undefined], changed: [] });
  assert.deepEqual([notes.take(), log.isIdle], [['stuck e'], true]);
});

test('[LIMIT-1] what leaves because it is stuck no longer counts as waiting', () => {
  const { notes, log } = startLog({ ...LIMITS, queuedRows: 1_000, queuedChars: 60 });
  const append = (name: string) => log.append(request(name, { text: 'x'.repeat(30) }), name);
  append('a');
  append('b');
  append('c');
  log.committed({ state: 'done', results: [undefined], changed: [] });
  append('d');
  assert.deepEqual(notes.take(), ['commit a', 'stuck a+b+c', 'commit d']);
});

test('what a request is refused for by the rules is passed on as the store says it', () => {
  const { notes, log, append } = startLog();
  append('a');
  log.committed({ state: 'done', results: [{ state: 'refused', code: 'not_member' }], changed: [] });
  assert.deepEqual(notes.take(), ['commit a', 'a not_member']);
});

test('[SEND-5] an unknown outcome is asked for, and nothing is answered or sent on before it is known', () => {
  const { notes, log, append } = startLog();
  append('a', 'b');
  log.committed({ state: 'unknown' });
  append('c');
  assert.deepEqual(notes.take(), ['commit a', 'settle a']);
  log.settled({ state: 'settled', results: [placed(1)] });
  assert.deepEqual(notes.take(), ['commit b+c', 'a 1']);
});

test('[SEND-5] what is absent goes to the front of the queue, in order, what is there is answered', () => {
  const { notes, log, append } = startLog();
  append('a');
  append('b', 'c', 'd');
  log.committed(done(1, 1));
  append('e');
  notes.take();
  log.committed({ state: 'unknown' });
  log.settled({ state: 'settled', results: [undefined, placed(2), undefined] });
  assert.deepEqual(notes.take(), ['settle b+c+d', 'commit b+d+e', 'c 2']);
});

test('[SEND-5] when nothing is there the batch goes again as it was, and nobody is answered', () => {
  const { notes, log, append } = startLog();
  append('a');
  log.committed({ state: 'unknown' });
  log.settled({ state: 'settled', results: [undefined] });
  assert.deepEqual(notes.take(), ['commit a', 'settle a', 'commit a']);
});

test('[SEND-5] when the outcome cannot be had it is asked for again after a pause, for as long as it takes', () => {
  const { notes, log, append } = startLog();
  append('a');
  log.committed({ state: 'unknown' });
  notes.take();
  for (let round = 0; round < 3; round += 1) {
    log.settled({ state: 'unknown' });
    append(`later-${round}`);
    assert.deepEqual(notes.take(), ['pause']);
    log.retry();
    assert.deepEqual(notes.take(), ['settle a']);
  }
  log.settled({ state: 'settled', results: [placed(1)] });
  assert.deepEqual(notes.take(), ['commit later-0+later-1+later-2', 'a 1']);
});

test('a pause that ends in another state changes nothing', () => {
  const { notes, log, append } = startLog();
  log.retry();
  append('a');
  log.retry();
  log.committed({ state: 'unknown' });
  log.retry();
  assert.deepEqual(notes.take(), ['commit a', 'settle a']);
});

test('an answer to nothing is a mistake of the adapter and is not taken', () => {
  const { log, append } = startLog();
  const settled = { state: 'settled', results: [] } as const;
  assert.throws(() => log.committed(done(1, 1)), /not under way/);
  assert.throws(() => log.settled(settled), /not asked for/);
  append('a');
  assert.throws(() => log.settled(settled), /not asked for/);
  log.committed({ state: 'unknown' });
  assert.throws(() => log.committed(done(1, 1)), /not under way/);
  log.settled({ state: 'unknown' });
  assert.throws(() => log.committed(done(1, 1)), /not under way/);
  assert.throws(() => log.settled(settled), /not asked for/);
});

test('[LIMIT-1] a full queue refuses as busy at once, and takes again when it has room', () => {
  const { notes, log, append } = startLog();
  append('a', 'b', 'c', 'd', 'e', 'f', 'too-many');
  assert.deepEqual(notes.take(), ['commit a', 'too-many busy']);
  log.committed(done(1, 1));
  append('g', 'h', 'i', 'j');
  assert.deepEqual(notes.take(), ['commit b+c+d', 'a 1', 'j busy'], 'e and f still waited: room for three');
});

test('[LIMIT-1] characters that wait are bounded as well, and are counted back when taken and put back', () => {
  const { notes, log } = startLog({ ...LIMITS, queuedRows: 1_000, queuedChars: 60 });
  const append = (name: string) => log.append(request(name, { text: 'x'.repeat(30) }), name);
  append('a');
  append('b');
  append('c');
  append('over');
  assert.deepEqual(notes.take(), ['commit a', 'over busy']);
  log.committed({ state: 'unknown' });
  log.settled({ state: 'settled', results: [undefined] });
  assert.deepEqual(notes.take(), ['settle a', 'commit a+b+c']);
  append('d');
  append('e');
  append('over');
  assert.deepEqual(notes.take(), ['over busy'], 'what was taken no longer counts');
});

test('a batch is cut by rows', () => {
  const { notes, log, append } = startLog();
  append('a', 'b', 'c', 'd', 'e');
  notes.take();
  log.committed(done(1, 1));
  assert.deepEqual(notes.take(), ['commit b+c+d', 'a 1']);
  log.committed(done(2, 3));
  assert.deepEqual(notes.take()[0], 'commit e');
});

test('a batch is cut by characters, and one request goes in any case', () => {
  const { notes, log } = startLog();
  const append = (name: string, length: number) => log.append(request(name, { text: 'x'.repeat(length) }), name);
  append('a', 1);
  append('long', 500);
  append('b', 60);
  append('c', 40);
  append('d', 1);
  log.committed(done(1, 1));
  log.committed(done(2, 1));
  log.committed(done(3, 2));
  assert.deepEqual(
    notes.take().filter((line) => line.startsWith('commit')),
    ['commit a', 'commit long', 'commit b+c', 'commit d'],
  );
});

test('what is appended while answers are given waits for the batch after the next', () => {
  const { notes, log, append } = startLog();
  append('a', 'b');
  notes.onPlaced = () => {
    notes.onPlaced = () => undefined;
    append('from-an-answer');
  };
  log.committed(done(1, 1));
  log.committed(done(2, 1));
  assert.deepEqual(notes.take(), ['commit a', 'commit b', 'a 1', 'commit from-an-answer', 'b 2']);
});

test('[SEND-4] what waits or is under way is pending, by conversation, author and id; a cancel is not the message', () => {
  const { log, append } = startLog();
  append('under-way', 'waits');
  log.append(request('other', { kind: 'cancel', text: null }), 'other');
  const holds = (clientId: string, different = {}) => log.holds(request(clientId, different));
  assert.deepEqual([holds('under-way'), holds('waits'), holds('nowhere'), holds('other')], [true, true, false, false]);
  assert.equal(holds('waits', { author: BOB }), false);
  assert.equal(holds('waits', { conversation: 8 }), false);
  log.committed({ state: 'unknown' });
  assert.equal(holds('under-way'), true, 'its outcome is not known yet');
  log.settled({ state: 'settled', results: [placed(1)] });
  assert.equal(holds('under-way'), false);
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import { SeededRandom } from '@parley/testkit';
import type { AppendRequest, ConversationId, Entry } from '../../../src/chat/ports/records.ts';
import { createEntryIndex } from '../../../src/store/sqlite/entry-index.ts';
import { createEntryLog } from '../../../src/store/sqlite/entry-log.ts';
import { openForWriting } from '../../../src/store/sqlite/open-database.ts';
import { openReader, type Reader } from '../../../src/store/sqlite/reader.ts';
import { createWrite } from '../../../src/store/sqlite/transaction.ts';
import { openWriter, type Writer } from '../../../src/store/sqlite/writer.ts';
import { atEnd, temporaryFolder } from './test-store.ts';

/** What the log must hold: per conversation the texts, in order. */
type Model = Map<ConversationId, string[]>;

const PAGE = { entries: 100_000, bytes: 1_000_000_000 };

/** The lagging index at work: bounds so small that every step of it happens all the time. */
for (const [seed, tailEntries] of [
  [1, 0],
  [2, 1],
  [3, 5],
  [4, 40],
  [5, 300],
] as const) {
  test(`[ORDER-1] reads agree with a plain list whatever is indexed, tail of ${tailEntries}, seed ${seed}`, (t) => {
    const run = new Run(t, seed, tailEntries);
    for (let step = 0; step < 400; step += 1) run.step();
    run.check();
    assert.ok(run.tailLength() <= 4 * (tailEntries + 2 * Run.batchRows), 'the floor follows');
  });
}

test('positions wait in memory until there are many, and what waits is found after a restart', (t) => {
  const run = new Run(t, 6, 1_000);
  for (let count = 0; count < 20; count += 1) run.commit();
  assert.equal(run.indexRows(), 0);
  run.reopen();
  run.check();
});

test('[ORDER-1] transactions that fail at their end leave no entry out of the index', (t) => {
  const db = openForWriting(path.join(temporaryFolder(t), 'parley.db'));
  atEnd(t, () => db.close());
  const random = new SeededRandom(7);
  const index = createEntryIndex(db, 5);
  const log = createEntryLog(db, index);
  let fails = false;
  const write = createWrite(db, {
    finish: () => undefined,
    forget() {
      log.forget();
      index.reload();
    },
    beforeCommit() {
      if (fails) throw new Error('at the end');
    },
  });
  function append(conversation: ConversationId): void {
    const { seq, ord } = log.head(conversation);
    const place = { conversation, seq: (seq + 1) as Seq, ord: (ord + 1) as Ord, tag: 1 as Tag };
    const said = { kind: 'message', text: '', target: null, role: null } as const;
    log.append({ ...place, ...said, author: 1 as UserId, clientId: randomUUID(), hash: 1, time: 1 });
  }
  const counts = new Map<ConversationId, number>();
  for (let step = 0; step < 400; step += 1) {
    const batch = Array.from({ length: 1 + random.below(4) }, () => (1 + random.below(12)) as ConversationId);
    fails = random.chance(0.3);
    try {
      write(() => {
        batch.forEach(append);
        index.step(batch.length);
      });
      for (const conversation of batch) counts.set(conversation, (counts.get(conversation) ?? 0) + 1);
    } catch (error) {
      assert.match(String(error), /at the end/);
    }
  }
  // As after a restart.
  const again = createEntryIndex(db, 5);
  again.reload();
  for (const [conversation, count] of counts) {
    assert.equal(again.positions.between(conversation, 1, count).length, count, `conversation ${conversation}`);
  }
});

class Run {
  static readonly batchRows = 20;
  readonly #random: SeededRandom;
  readonly #options: { readonly file: string; readonly tailEntries: number };
  readonly #model: Model = new Map();
  #writer: Writer;
  #reader: Reader;
  #author = 0 as UserId;

  constructor(t: TestContext, seed: number, tailEntries: number) {
    this.#random = new SeededRandom(seed);
    this.#options = { file: path.join(temporaryFolder(t), 'parley.db'), tailEntries };
    this.#writer = openWriter(this.#options);
    this.#reader = openReader(this.#options);
    atEnd(t, () => this.#close());
    this.#makeConversations(12);
  }

  step(): void {
    if (this.#random.chance(0.9)) this.commit();
    if (this.#random.chance(0.2)) this.#checkOne();
    if (this.#random.chance(0.02)) this.reopen();
    if (this.#random.chance(0.02)) this.#reopenReader();
  }

  commit(): void {
    const conversations = [...this.#model.keys()];
    // Some conversations are busy, others are hardly ever written to.
    const busy = conversations.slice(0, 1 + this.#random.below(conversations.length));
    const batch = Array.from({ length: this.#random.below(Run.batchRows) }, () => {
      return this.#message(this.#random.pick(busy) as ConversationId);
    });
    const { results } = this.#writer.commit(batch);
    batch.forEach(({ conversation, text }, index) => {
      const texts = this.#model.get(conversation) ?? [];
      texts.push(text ?? '');
      const result = results[index];
      assert.equal(result?.state === 'committed' ? result.seq : undefined, texts.length);
    });
  }

  reopen(): void {
    this.#close();
    this.#writer = openWriter(this.#options);
    this.#reader = openReader(this.#options);
  }

  check(): void {
    for (const [conversation, texts] of this.#model) {
      const { head, entries } = this.#reader.readForward(conversation, 1 as Seq, PAGE);
      assert.deepEqual(entries.map(textOf), texts);
      assert.deepEqual([head.seq, head.tag], [texts.length, entries.at(-1)?.tag ?? 0]);
    }
  }

  /** Entries from the floor on. */
  tailLength(): number {
    return this.#query('SELECT count(*) AS n FROM entry WHERE pos >= (SELECT pos FROM index_floor)');
  }

  indexRows(): number {
    return this.#query('SELECT count(*) AS n FROM entry_position');
  }

  #checkOne(): void {
    const [conversation, texts] = this.#random.pick([...this.#model]) as [ConversationId, string[]];
    const from = 1 + this.#random.below(texts.length + 2);
    const limit = { entries: this.#random.below(30), bytes: 1_000_000 };
    const forward = this.#reader.readForward(conversation, from as Seq, limit);
    assert.deepEqual(forward.entries.map(textOf), texts.slice(from - 1, from - 1 + limit.entries));
    assert.equal(forward.head.seq, texts.length);
    const backward = this.#reader.readBackward(conversation, from as Seq, limit);
    const end = Math.min(texts.length, from - 1);
    assert.deepEqual(backward.entries.map(textOf), texts.slice(Math.max(0, end - limit.entries), end));
  }

  #message(conversation: ConversationId): AppendRequest {
    const said = { text: `text ${this.#random.below(1_000_000)}`, target: null, role: null, after: null } as const;
    const id = { clientId: randomUUID(), hash: 1 };
    return { conversation, author: this.#author, authorName: '', kind: 'message', ...id, ...said };
  }

  #makeConversations(count: number): void {
    const create = (name: string) => this.#writer.createUser({ name, key: name, passwordHash: '' }) as UserId;
    this.#author = create('author');
    for (let each = 0; each < count; each += 1) {
      const opened = this.#writer.openDirect(this.#author, create(`peer ${each}`));
      if (typeof opened === 'object') this.#model.set(opened.id, []);
    }
  }

  #reopenReader(): void {
    this.#reader.close();
    this.#reader = openReader(this.#options);
  }

  #close(): void {
    this.#reader.close();
    this.#writer.close();
  }

  #query(sql: string): number {
    const db = new DatabaseSync(this.#options.file);
    const row = db.prepare(sql).get();
    db.close();
    return Number(row?.['n']);
  }
}

function textOf({ text }: Entry): string | null {
  return text;
}

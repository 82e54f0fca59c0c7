import type { DatabaseSync } from 'node:sqlite';
import { directPairs, type WorldSize } from './world.ts';

const WEEK_MS = 604_800_000;
/** So many of the newest entries are left out of the (conversation, seq) index, as a running server leaves them. */
const UNINDEXED = 40_000;
/** Coprime to any number of conversations in use: stepping by it visits all of them in a scattered order. */
const STRIDE = 7_919;
/** Of one row of the index. */
const POSITIONS_PER_ROW = 100;
const TEXT = 'a message of the usual length, as people write them, neither short nor long, in one language'.padEnd(
  100,
  '.',
);

/** Fills the log as a week of chatting would: neighbours in time are of different conversations. */
export function fillEntries(db: DatabaseSync, size: WorldSize): void {
  insertEntries(db, size);
  const newest = db.prepare('SELECT max(pos) AS pos FROM entry').get() as { pos: number };
  const floor = Math.max(1, newest.pos + 1 - UNINDEXED);
  indexEntries(db, floor);
  db.prepare('UPDATE index_floor SET pos = ?').run(floor);
}

/** As the server's writer does: a row holds the positions of up to 100 consecutive entries, little-endian doubles. */
function indexEntries(db: DatabaseSync, floor: number): void {
  const insert = db.prepare('INSERT INTO entry_position (conversation, first_seq, positions) VALUES (?, ?, ?)');
  const entries = db.prepare('SELECT conversation, seq, pos FROM entry WHERE pos < ? ORDER BY conversation, seq');
  let run: { conversation: number; first: number; positions: number[] } | undefined;
  const flush = (): void => {
    if (run === undefined) return;
    insert.run(run.conversation, run.first, new Uint8Array(Float64Array.from(run.positions).buffer));
    run = undefined;
  };
  for (const row of entries.iterate(floor)) {
    const { conversation, seq, pos } = row as { conversation: number; seq: number; pos: number };
    if (run?.conversation !== conversation || run.positions.length === POSITIONS_PER_ROW) flush();
    run ??= { conversation, first: seq, positions: [] };
    run.positions.push(pos);
  }
  flush();
}

function insertEntries(db: DatabaseSync, { messages, ...size }: WorldSize): void {
  const insert = db.prepare(
    `INSERT INTO entry (conversation, seq, ord, tag, kind, author, client_id, hash, time, text)
     VALUES (?1, ?2, ?2, ?3, 'message', ?4, ?5, 0, ?6, ?7)`,
  );
  const authors = Uint32Array.from([...directPairs({ messages, ...size })].flat());
  const rounds = messages / size.conversations;
  const began = Date.now() - WEEK_MS;
  for (let number = 0; number < rounds * size.conversations; number += 1) {
    const seq = Math.floor(number / size.conversations) + 1;
    const conversation = (number * STRIDE) % size.conversations;
    const author = authors[2 * conversation + (seq % 2)] as number;
    const time = began + Math.floor((number / messages) * (WEEK_MS - 60_000));
    insert.run(
      conversation + 1,
      seq,
      1 + Math.floor(Math.random() * 0xff_ff_ff_fe),
      author,
      clientId(time, number),
      time,
      TEXT,
    );
  }
}

/** In the form of a UUIDv7: leads with the time. */
function clientId(time: number, number: number): string {
  const lead = time.toString(16).padStart(12, '0');
  const tail = number.toString(16).padStart(12, '0');
  return `${lead.slice(0, 8)}-${lead.slice(8)}-7000-8000-${tail}`;
}

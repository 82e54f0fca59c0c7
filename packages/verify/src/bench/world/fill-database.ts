import { argon2Sync, createHash, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { NAME_RULE_VERSION, nameKey } from '@parley/protocol';
import { fillEntries } from './fill-entries.ts';
import { directPairs, GROUP_MEMBERS, PASSWORD, tokenOf, type WorldSize } from './world.ts';

const DAY_MS = 86_400_000;

/**
 * Fills a fresh database, whose schema a server has made, with a world. Writes the tables directly: a million messages
 * through the wire would take minutes. So this file knows the server's first schema and fails when that has changed.
 * Nothing is synced to disk meanwhile: a fill that is cut short is thrown away whole.
 */
export function fillDatabase(file: string, size: WorldSize): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(
      'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144; BEGIN',
    );
    fillUsers(db, size);
    const members = new MemberRows(db);
    fillDirects(db, size, members);
    fillGroups(db, size, members);
    members.writeRevisions();
    fillEntries(db, size);
    db.exec('COMMIT; PRAGMA optimize');
  } finally {
    db.close();
  }
}

/** Users 1 to n with one device each; all share one password hash. */
function fillUsers(db: DatabaseSync, size: WorldSize): void {
  const hash = passwordHash(PASSWORD);
  const now = Date.now();
  const user = db.prepare('INSERT INTO user (id, name, name_key, key_rule, password_hash) VALUES (?, ?, ?, ?, ?)');
  const device = db.prepare(
    'INSERT INTO device (user, name, token_hash, created_at, last_seen) VALUES (?1, ?2, ?3, ?4, ?4)',
  );
  for (let id = 1; id <= size.users; id += 1) {
    user.run(id, `user${id}`, Buffer.from(nameKey(`user${id}`)), NAME_RULE_VERSION, hash);
    device.run(id, 'bench', createHash('sha256').update(tokenOf(id)).digest(), now - DAY_MS);
  }
}

/** An argon2id hash in PHC string format, at the cost that OWASP recommends (19 MiB, two passes). */
function passwordHash(password: string): string {
  const nonce = randomBytes(16);
  const costs = { memory: 19_456, passes: 2, parallelism: 1 };
  const tag = argon2Sync('argon2id', { message: password, nonce, tagLength: 32, ...costs });
  const [salt, hash] = [nonce, tag].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=${costs.memory},t=${costs.passes},p=${costs.parallelism}$${salt}$${hash}`;
}

/** Conversations 1 to n, in the order of `directPairs`; everybody has read everything. */
function fillDirects(db: DatabaseSync, size: WorldSize, members: MemberRows): void {
  const insert = db.prepare('INSERT INTO conversation (id, low, high) VALUES (?, ?, ?)');
  let conversation = 0;
  for (const [low, high] of directPairs(size)) {
    conversation += 1;
    insert.run(conversation, low, high);
    const read = conversation <= size.conversations ? size.messages / size.conversations : 0;
    for (const user of [low, high]) members.add({ conversation, user, role: 0, read });
  }
}

/** Groups 1, 2 … with their first entry, made by user 1; those that have enough users. */
function fillGroups(db: DatabaseSync, size: WorldSize, members: MemberRows): void {
  const group = db.prepare(
    `INSERT INTO chat_group (id, name, name_key, key_rule, description, creator, client_id, hash)
     VALUES (?, ?, ?, ?, '', 1, ?, 0)`,
  );
  const conversation = db.prepare('INSERT INTO conversation (group_id) VALUES (?)');
  const entry = db.prepare(
    `INSERT INTO entry (conversation, seq, ord, tag, kind, author, client_id, hash, time)
     VALUES (?, 1, 0, ?, 'create', 1, ?, 0, ?)`,
  );
  for (const [index, count] of GROUP_MEMBERS.entries()) {
    if (count > size.users) return;
    const name = `bench-of-${count}`;
    group.run(index + 1, name, Buffer.from(nameKey(name)), NAME_RULE_VERSION, `create-${name}`);
    const id = Number(conversation.run(index + 1).lastInsertRowid);
    entry.run(id, randomTag(), `create-${name}`, Date.now() - 9 * DAY_MS);
    for (let user = 1; user <= count; user += 1)
      members.add({ conversation: id, user, role: user === 1 ? 2 : 0, read: 1 });
  }
}

interface MemberRow {
  readonly conversation: number;
  readonly user: number;
  readonly role: number;
  /** Up to where the user has read; messages are the only entries. */
  readonly read: number;
}

/** Writes memberships with the next revision of each user, and the users' counters at the end. */
class MemberRows {
  readonly #db: DatabaseSync;
  readonly #revisions = new Map<number, number>();
  readonly #member;
  readonly #stay;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#member = db.prepare(
      `INSERT INTO member (conversation, user, role, present, read_seq, read_ord, delivered_seq, classic_seq, rev)
       VALUES (?1, ?2, ?3, 1, ?4, ?4, ?4, ?4, ?5)`,
    );
    this.#stay = db.prepare('INSERT INTO stay (user, conversation, from_seq) VALUES (?, ?, 1)');
  }

  add({ conversation, user, role, read }: MemberRow): void {
    const revision = (this.#revisions.get(user) ?? 0) + 1;
    this.#revisions.set(user, revision);
    this.#member.run(conversation, user, role, read, revision);
    this.#stay.run(user, conversation);
  }

  writeRevisions(): void {
    const update = this.#db.prepare('UPDATE user SET rev = ?, versions = ? WHERE id = ?');
    for (const [user, revision] of this.#revisions) update.run(revision, `[[${revision},${randomTag()}]]`, user);
  }
}

function randomTag(): number {
  return 1 + Math.floor(Math.random() * 0xff_ff_ff_fe);
}

import type { Migration } from '../../migrate.ts';

/**
 * The first schema. SQL stands in a .ts file so that `dist` holds it without a copying step.
 *
 * `entry` is append-only and has no index by (conversation, seq): every page that a transaction dirties costs 4–7 µs,
 * and such an index would dirty one for each row. `entry_position` is that index, filled later in slices sorted by
 * conversation: a row holds the positions of consecutive entries from `first_seq` on (little-endian doubles of 8 bytes,
 * see position-blob.ts), so that a slice is few rows; `index_floor` says from which position on rows may be missing there. See
 * docs/decisions/0002-sqlite-log-schema.md. `entry` has no foreign keys either: the planner has just read what they
 * would check.
 *
 * Names are compared by `name_key`, bytes that TypeScript computes; `key_rule` is the version of that rule.
 * Roles: 0 member, 1 admin, 2 owner. Times: milliseconds since 1970.
 */
export const initial: Migration = {
  version: 1,
  minReader: 1,
  minWriter: 1,
  sql: `
CREATE TABLE schema (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,
  min_reader INTEGER NOT NULL,
  min_writer INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  name TEXT NOT NULL,
  name_key BLOB NOT NULL UNIQUE,
  key_rule INTEGER NOT NULL,
  password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  last_seen INTEGER,
  rev INTEGER NOT NULL DEFAULT 0,
  versions TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE device (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX live_device ON device (user, id) WHERE revoked = 0;

CREATE TABLE contact (
  owner INTEGER NOT NULL REFERENCES user,
  peer INTEGER NOT NULL REFERENCES user,
  added INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (owner, peer)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contact_rev ON contact (owner, rev);

CREATE TABLE chat_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  name TEXT NOT NULL,
  name_key BLOB NOT NULL UNIQUE,
  key_rule INTEGER NOT NULL,
  description TEXT NOT NULL,
  creator INTEGER NOT NULL REFERENCES user,
  client_id TEXT NOT NULL,
  hash INTEGER NOT NULL,
  UNIQUE (client_id, creator)
) STRICT;

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  low INTEGER REFERENCES user,
  high INTEGER REFERENCES user,
  group_id INTEGER UNIQUE REFERENCES chat_group,
  UNIQUE (low, high)
) STRICT;

CREATE TABLE member (
  conversation INTEGER NOT NULL REFERENCES conversation,
  user INTEGER NOT NULL REFERENCES user,
  role INTEGER NOT NULL,
  present INTEGER NOT NULL,
  read_seq INTEGER NOT NULL,
  read_ord INTEGER NOT NULL,
  delivered_seq INTEGER NOT NULL,
  classic_seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_user ON member (user, conversation);
CREATE UNIQUE INDEX member_rev ON member (user, rev);

CREATE TABLE stay (
  user INTEGER NOT NULL REFERENCES user,
  conversation INTEGER NOT NULL REFERENCES conversation,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER,
  PRIMARY KEY (user, conversation, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
  pos INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  tag INTEGER NOT NULL,
  kind TEXT NOT NULL,
  author INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  hash INTEGER NOT NULL,
  time INTEGER NOT NULL,
  text TEXT,
  target INTEGER,
  role INTEGER,
  UNIQUE (client_id, conversation, author)
) STRICT;

CREATE TABLE entry_position (
  conversation INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  positions BLOB NOT NULL,
  PRIMARY KEY (conversation, first_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE index_floor (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pos INTEGER NOT NULL
) STRICT;
INSERT INTO index_floor VALUES (1, 1);
`,
};

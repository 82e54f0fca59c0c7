import type { MysqlMigration } from '../migrate.ts';

/**
 * The first schema. It says the same as SQLite's; what differs:
 *
 * - `head` is a table: its row is what a transaction locks before it appends, or changes who may append. `rules` is a
 *   random number that changes with each change of members, roles and blocks of the conversation.
 * - `entry` lies in the order of its conversation and seq, and needs no other index for pages. `client` begins with the
 *   client id, which leads with time: so its pages are touched at one end.
 * - `journal` and `writer` tell other nodes what was committed. A writer's number is random: after a restore, a number
 *   that was counted would come again. `what` is JSON; see journal-row.ts.
 * - `deployment` is what its nodes have in common, and no others: in Redis it sets them apart.
 * - There are no foreign keys: checking one locks the row it names, in an order of its own. The store has just read
 *   what they would check.
 *
 * Each statement may run again: one that changes a schema commits by itself, so a start may end between any two.
 */
export const initial: MysqlMigration = {
  version: 1,
  minReader: 1,
  minWriter: 1,
  statements: [
    table('deployment', 'one TINYINT NOT NULL PRIMARY KEY, id CHAR(36) CHARACTER SET ascii NOT NULL'),
    'INSERT IGNORE INTO deployment (one, id) VALUES (1, UUID())',
    table(
      'user',
      `id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       name VARCHAR(255) NOT NULL,
       name_key VARBINARY(1020) NOT NULL,
       key_rule INT NOT NULL,
       password_hash VARCHAR(255) NOT NULL,
       disabled TINYINT NOT NULL DEFAULT 0,
       last_seen BIGINT,
       rev BIGINT NOT NULL DEFAULT 0,
       versions VARCHAR(2000) CHARACTER SET ascii NOT NULL DEFAULT '[]',
       UNIQUE KEY user_key (name_key)`,
    ),
    table(
      'device',
      `id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       user INT NOT NULL,
       name VARCHAR(255) NOT NULL,
       token_hash BINARY(32) NOT NULL,
       created_at BIGINT NOT NULL,
       last_seen BIGINT NOT NULL,
       revoked TINYINT NOT NULL DEFAULT 0,
       UNIQUE KEY device_token (token_hash),
       KEY device_user (user, revoked, id)`,
    ),
    table(
      'contact',
      `owner INT NOT NULL,
       peer INT NOT NULL,
       added TINYINT NOT NULL,
       blocked TINYINT NOT NULL,
       rev BIGINT NOT NULL,
       PRIMARY KEY (owner, peer),
       KEY contact_rev (owner, rev)`,
    ),
    table(
      'chat_group',
      `id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       name VARCHAR(255) NOT NULL,
       name_key VARBINARY(1020) NOT NULL,
       key_rule INT NOT NULL,
       description VARCHAR(1000) NOT NULL,
       creator INT NOT NULL,
       client_id VARBINARY(64) NOT NULL,
       hash BIGINT NOT NULL,
       UNIQUE KEY group_key (name_key),
       UNIQUE KEY group_client (client_id, creator)`,
    ),
    table(
      'conversation',
      `id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
       low INT,
       high INT,
       group_id INT,
       UNIQUE KEY conversation_pair (low, high),
       UNIQUE KEY conversation_group (group_id)`,
    ),
    table(
      'head',
      `conversation BIGINT NOT NULL PRIMARY KEY,
       seq BIGINT NOT NULL,
       ord BIGINT NOT NULL,
       tag INT UNSIGNED NOT NULL,
       time BIGINT NOT NULL,
       rules INT UNSIGNED NOT NULL`,
    ),
    table(
      'member',
      `conversation BIGINT NOT NULL,
       user INT NOT NULL,
       role TINYINT NOT NULL,
       present TINYINT NOT NULL,
       read_seq BIGINT NOT NULL,
       read_ord BIGINT NOT NULL,
       delivered_seq BIGINT NOT NULL,
       classic_seq BIGINT NOT NULL,
       rev BIGINT NOT NULL,
       PRIMARY KEY (conversation, user),
       KEY member_user (user, conversation),
       KEY member_rev (user, rev)`,
    ),
    table(
      'stay',
      `user INT NOT NULL,
       conversation BIGINT NOT NULL,
       from_seq BIGINT NOT NULL,
       to_seq BIGINT,
       PRIMARY KEY (user, conversation, from_seq)`,
    ),
    table(
      'entry',
      `conversation BIGINT NOT NULL,
       seq BIGINT NOT NULL,
       ord BIGINT NOT NULL,
       tag INT UNSIGNED NOT NULL,
       kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'message',
       author INT NOT NULL,
       client_id VARBINARY(64) NOT NULL,
       hash BIGINT NOT NULL,
       time BIGINT NOT NULL,
       text TEXT,
       target INT,
       role TINYINT,
       PRIMARY KEY (conversation, seq),
       UNIQUE KEY client (client_id, conversation, author)`,
    ),
    table(
      'writer',
      `id BIGINT NOT NULL PRIMARY KEY,
       seen BIGINT NOT NULL`,
    ),
    table(
      'journal',
      `writer BIGINT NOT NULL,
       n BIGINT NOT NULL,
       at BIGINT NOT NULL,
       what MEDIUMTEXT CHARACTER SET ascii NOT NULL,
       PRIMARY KEY (writer, n)`,
    ),
  ],
};

function table(name: string, columns: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (${columns})
    ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
}

import type { ConversationId } from '../../chat/ports/records.ts';
import { createAccountReads } from './accounts.ts';
import { createContactReads } from './contacts.ts';
import { createConversationReads } from './conversations.ts';
import { createDeviceReads } from './devices.ts';
import { createHeadReader } from './heads.ts';
import { createLogReads } from './log-reader.ts';
import { createMembershipReads } from './memberships.ts';
import { openForReading } from './open-database.ts';
import { PositionTail } from './position-tail.ts';
import { createPositions } from './positions.ts';
import { createStateReads } from './state.ts';
import { createTailFollower } from './tail-follower.ts';
import { createRead, type Read } from './transaction.ts';

/** All that only reads the store, synchronously: runs in the reader's thread, on a connection of its own. */
export type Reader = ReturnType<typeof openReader>;

/** Opens the file for reading, after a writer has made it. Reads of the log first look at what was appended since. */
export function openReader({ file }: { readonly file: string }) {
  const db = openForReading(file);
  const read = createRead(db);
  const tail = new PositionTail();
  const follow = createTailFollower(db, tail);
  const readLog: Read = (work) =>
    read(() => {
      follow();
      return work();
    });
  const positions = createPositions(db, tail);
  const headOf = createHeadReader(db, positions);
  return {
    ...createAccountReads(db, read),
    ...createDeviceReads(db, read),
    ...createContactReads(db, read),
    ...createConversationReads(db, read),
    ...createMembershipReads(db, read),
    ...createStateReads(db, readLog, headOf),
    heads: (conversations: readonly ConversationId[]) => readLog(() => conversations.map(headOf)),
    ...createLogReads(db, readLog, { positions, headOf }),
    close: () => db.close(),
  };
}

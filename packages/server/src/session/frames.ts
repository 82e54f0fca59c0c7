import {
  type AppendReply,
  CLOSE_REASONS,
  type CloseReason,
  type ContactRow,
  type ConversationRow,
  ERROR_CODES,
  type ErrorCode,
  encodeFrame,
  type GapEvent,
  LIMITS,
  type StateEvent,
  type UserId,
  type WireEntry,
  type WireError,
} from '@parley/protocol';
import type { ChatError } from '../chat/chat-error.ts';
import type { AppendResult, Conversation, Entry, StatePage, StateRow } from '../chat/ports/index.ts';
import type { Gap } from '../delivery/peer.ts';

type Placed = Extract<AppendResult, { seq: unknown }>;

/** Room for what surrounds the rows of a frame. */
const FRAME_BYTES = LIMITS.outboundFrameBytes - 1_024;

/** When a client that is told to wait may try again, in milliseconds, unless the refusal knows better. */
const RETRY_AFTER_MS = 1_000;

/** The answer to request `id`. */
export function okFrame(id: number, ok: object): Buffer {
  return encodeFrame({ re: id, ok });
}

/** A refusal, by code or by what a rule threw. */
export function errorFrame(id: number | null, refusal: ErrorCode | ChatError, hint?: string): Buffer {
  return encodeFrame({ re: id, err: wireError(refusal, hint) });
}

function wireError(refusal: ErrorCode | ChatError, hint: string | undefined): WireError {
  const code = typeof refusal === 'string' ? refusal : refusal.code;
  const { meaning, retry } = ERROR_CODES[code];
  const said = typeof refusal === 'string' ? hint : (refusal.hint ?? hint);
  const wait = typeof refusal === 'string' ? undefined : refusal.retryAfterMs;
  return {
    code,
    message: meaning,
    ...(said !== undefined && { hint: said }),
    ...(retry === 'later' && code !== 'after_failed' && { retryAfterMs: wait ?? RETRY_AFTER_MS }),
  };
}

/** Where something stands in the log; the answer to everything that appends. */
export function appendReply(conversation: Conversation, placed: Placed): AppendReply {
  const { seq, ord, tag, time, fresh } = placed;
  return { conversation: conversation.address, seq, ord, tag, time, ...(!fresh && { duplicate: true as const }) };
}

/** The receipt of a send: numbers and an address that needs no escaping, so it is written by hand. */
export function receiptFrame(id: number, conversation: Conversation, placed: Placed): Buffer {
  const { seq, ord, tag, time, fresh } = placed;
  const end = fresh ? '}}\n' : ',"duplicate":true}}\n';
  return Buffer.from(
    `{"re":${id},"ok":{"conversation":"${conversation.address}","seq":${seq},"ord":${ord},"tag":${tag},"time":${time}${end}`,
    'latin1',
  );
}

let lastEntry: Entry | undefined;
let lastEntryFrame: Buffer | undefined;

/**
 * The frame of an entry. Delivery hands one entry to all its listeners in a row, so remembering the last one
 * makes a fan-out encode once and share the bytes.
 */
export function entryFrame(entry: Entry, conversation: Conversation): Buffer {
  if (entry !== lastEntry || lastEntryFrame === undefined) {
    // An EntryEvent. Copying the entry's fields into another object would cost as much as writing them.
    lastEntryFrame = Buffer.from(`{"ev":"entry",${JSON.stringify(wireEntry(entry, conversation)).slice(1)}\n`);
    lastEntry = entry;
  }
  return lastEntryFrame;
}

/** An entry as every reader gets it. */
export function wireEntry(entry: Entry, conversation: Conversation): WireEntry {
  const { seq, ord, tag, kind, author, authorName, clientId, time, text, target, targetName, role } = entry;
  const wire: WireEntry = {
    conversation: conversation.address,
    seq,
    ord,
    tag,
    kind,
    from: { id: author, name: authorName },
    clientId,
    time,
  };
  if (text !== null) wire.text = text;
  if (target !== null) wire.target = { id: target, name: targetName ?? '' };
  if (role !== null) wire.role = role;
  return wire;
}

/** A gap. */
export function gapFrame(gap: Gap, conversation: Conversation): Buffer {
  const event: GapEvent = { ev: 'gap', conversation: conversation.address, ...gap };
  return encodeFrame(event);
}

/** A page of private state as frames below the limit. Only the last one may be kept by the client. */
export function stateFrames(page: StatePage, me: UserId): Buffer[] {
  const cuts = cutBySize(
    page.rows.map((row) => stateRow(row, me)),
    FRAME_BYTES,
  );
  return cuts.map((rows, index) => {
    const isLast = index === cuts.length - 1;
    const event: StateEvent = {
      ev: 'state',
      rows,
      ...page.version,
      ...(page.full && index === 0 && { full: true as const }),
      ...((page.more || !isLast) && { more: true as const }),
    };
    return encodeFrame(event);
  });
}

function stateRow(row: StateRow, me: UserId): ConversationRow | ContactRow {
  if (row.row === 'contact') {
    const { user, name, added, addedMe, blocked } = row.contact;
    const isGone = !added && !addedMe && !blocked;
    return {
      row: 'contact',
      user: { id: user, name },
      added,
      addedMe,
      blocked,
      ...(isGone && { removed: true as const }),
    };
  }
  const { conversation, name, description, role, left, head, readSeq, readOrd, deliveredSeq } = row;
  return {
    row: 'conversation',
    conversation: conversation.address,
    name,
    role,
    ...(description !== '' && { description }),
    ...(conversation.kind === 'direct' && {
      peer: { id: conversation.low === me ? conversation.high : conversation.low, name },
    }),
    ...(left && { left: true as const }),
    ...head,
    readSeq,
    readOrd,
    deliveredSeq,
  };
}

/** The longest front part (or, with `fromEnd`, end part) of a page's entries that fits into one frame. */
export function fitEntries(entries: readonly WireEntry[], { fromEnd }: { fromEnd: boolean }): WireEntry[] {
  const ordered = fromEnd ? entries.toReversed() : entries;
  const fitting = fitRows(ordered);
  return fromEnd ? fitting.toReversed() : fitting;
}

/** The longest front part of a page's rows that fits into one frame. */
export function fitRows<T extends object>(rows: readonly T[]): T[] {
  return cutBySize(rows, FRAME_BYTES)[0] ?? [];
}

/** Cuts rows into runs whose JSON is at most `limit` bytes; one run at least, one row in each at least. */
function cutBySize<T extends object>(rows: readonly T[], limit: number): T[][] {
  const runs: T[][] = [[]];
  let used = 0;
  for (const row of rows) {
    const bytes = Buffer.byteLength(JSON.stringify(row)) + 1;
    const run = runs.at(-1) as T[];
    if (run.length > 0 && used + bytes > limit) {
      runs.push([row]);
      used = bytes;
    } else {
      run.push(row);
      used += bytes;
    }
  }
  return runs;
}

/** The last frame of a connection. */
export function closeFrame(reason: CloseReason): Buffer {
  const { reconnect, meaning } = CLOSE_REASONS[reason];
  return encodeFrame({ ev: 'close', reason, reconnect, message: meaning });
}

/**
 * Sizes on which both sides agree. `hello` announces those that a client may need; the server enforces all of them.
 * Bytes are bytes of UTF-8.
 */
export const LIMITS = {
  /** One inbound frame, terminator not counted. Enforced before the terminator arrives. */
  frameBytes: 65_536,
  /** One outbound native frame stays below this, so that clients can bound their buffers as well. */
  outboundFrameBytes: 65_536,
  /** A classic peer reads 1,024 bytes at a time and dies of more (measured on its binary). */
  classicFrameBytes: 1_000,
  /** The text of one message. */
  textBytes: 8_192,
  /** A user's or a group's name, in code points. */
  nameCodePoints: 50,
  /** The same with its sign as somebody may spell it (decomposed, with joiners), in UTF-16 units. */
  spelledNameUnits: 256,
  /** A group's description, in code points (the ancestor's column has 200). */
  descriptionCodePoints: 200,
  /** A client id: printable ASCII, compared byte for byte. */
  clientIdBytes: 64,
  /** A password at registration and change in the native dialect. */
  passwordMinBytes: 8,
  passwordMaxBytes: 1_024,
  /** A password that a classic client registers, in code points. */
  classicPasswordCodePoints: 50,
  /** A device's name as its user sees it in the list, in code points. */
  deviceNameCodePoints: 64,
  /** JSON nesting of an inbound frame. */
  jsonDepth: 32,
  /** Cursors in one `sync` chunk. */
  syncCursors: 500,
  /** Entries in one page of history, or asked for by a lazy sync. */
  historyEntries: 500,
  /** Rows in one page of a list (members, devices, contacts). */
  listRows: 500,
  /** Members of one group. */
  groupMembers: 5_000,
  /** Requests of one session that may be unanswered at once; more wait in the socket. */
  pendingRequests: 10_000,
  /** A native peer that is silent for this long is taken for gone, in milliseconds. */
  silenceMs: 30_000,
  /** A native client pings when nothing was said for this long, in milliseconds. */
  pingMs: 10_000,
} as const;

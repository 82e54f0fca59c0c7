/**
 * A native frame: compact JSON in UTF-8 and LF. Encode once, and share the buffer among sockets.
 * JSON.stringify escapes control characters and lone surrogates, so the bytes hold no other LF or NUL and are
 * always valid UTF-8.
 */
export function encodeFrame(message: object): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}

/** A classic frame: the same, ended by NUL. */
export function encodeClassicFrame(message: object): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\0`);
}

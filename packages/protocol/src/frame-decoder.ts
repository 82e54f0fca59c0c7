import { isUtf8 } from 'node:buffer';

/** Which of the two bytes ended a frame: LF in the native dialect, NUL in the classic one. */
export type FrameTerminator = 'lf' | 'nul';

/**
 * What the decoder found.
 * `text`: a frame in valid UTF-8, without its terminator. Not yet known to be JSON, see parse-frame.ts.
 * `badUtf8`: a whole frame that is not UTF-8 (overlong forms and encoded surrogates count as such). Framing holds.
 * `tooLong`: a frame above the limit. Framing is lost; the decoder ignores all that follows.
 */
export type DecodedFrame =
  | { readonly kind: 'text'; readonly text: string; readonly terminator: FrameTerminator }
  | { readonly kind: 'badUtf8'; readonly terminator: FrameTerminator }
  | { readonly kind: 'tooLong' };

export interface FrameDecoderOptions {
  /** The longest frame, in bytes without its terminator (LF, CR LF or NUL). */
  readonly maxFrameBytes: number;
}

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;
const NOTHING = Buffer.alloc(0);
const SMALLEST_PENDING_BYTES = 512;

/**
 * Bytes → frames, incremental and bounded. A frame ends with LF, CR LF or NUL; compact JSON holds none of them,
 * and frames of both kinds may follow each other. Empty frames (stray terminators) are skipped.
 * A frame that outgrows the limit is reported as soon as its bytes are here, before any terminator. [WIRE-1]
 *
 * A byte order mark is kept in the text: parseFrame refuses it by name (RFC 8259 §8.1 forbids to send one).
 * Texts of one chunk may be slices of one string: copy what is kept for long (JSON.parse does).
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  /**
   * The beginning of a frame whose terminator has not come, copied: a list of chunks would cost a peer that sends one
   * byte at a time nothing, and us two hundred. Grows by doubling, so that each byte is copied a few times at most.
   */
  #pending: Buffer = NOTHING;
  #pendingBytes = 0;
  #closed = false;

  constructor(options: FrameDecoderOptions) {
    this.#maxFrameBytes = options.maxFrameBytes;
  }

  /** Bytes held for a frame that has not ended; at most the limit and one. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** True after `tooLong`, `close` or `end`: everything is ignored from then on. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Takes the next bytes and calls `onFrame` for each frame that they complete, in order, before it returns.
   * `bytes` may be written to afterwards; `onFrame` may call `close` to get no more; it must not call `push`.
   */
  push(bytes: Uint8Array, onFrame: (frame: DecodedFrame) => void): void {
    if (this.#closed) return;
    let chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let end = endOfLastFrame(chunk);
    if (end > 0 && this.#pendingBytes > 0) {
      end += this.#pendingBytes;
      chunk = this.#takePendingWith(chunk);
    }
    if (end > 0) this.#emitRegion(end === chunk.length ? chunk : chunk.subarray(0, end), onFrame);
    if (end < chunk.length && !this.#closed) this.#append(chunk.subarray(end), onFrame);
  }

  /**
   * The stream has ended. Returns how many bytes of an unfinished frame are lost: 0 when it ended between two
   * frames. They are dropped unread, because a frame without terminator may be the half of one.
   */
  end(): number {
    const lostBytes = this.#pendingBytes;
    this.close();
    return lostBytes;
  }

  /** Drops what is held and ignores everything from now on. */
  close(): void {
    this.#closed = true;
    this.#dropPending();
  }

  #takePendingWith(chunk: Buffer): Buffer {
    const joined = Buffer.allocUnsafe(this.#pendingBytes + chunk.length);
    this.#pending.copy(joined, 0, 0, this.#pendingBytes);
    chunk.copy(joined, this.#pendingBytes);
    this.#dropPending();
    return joined;
  }

  /** Emits the frames of a region that ends with a terminator. */
  #emitRegion(region: Buffer, onFrame: (frame: DecodedFrame) => void): void {
    if (isUtf8(region)) {
      // Decoded as a whole, three times as fast as one by one: in UTF-8 a terminator never lies within a character.
      const text = region.toString('utf8');
      this.#cut(text, (start, end, terminator) => this.#emitText(text.slice(start, end), terminator, onFrame));
    } else {
      // In latin1 every byte is one character, so the places are those of the bytes.
      this.#cut(region.toString('latin1'), (start, end, terminator) =>
        this.#emitBytes(region.subarray(start, end), terminator, onFrame),
      );
    }
  }

  /** Finds the frames in a text that ends with a terminator; leaves empty ones out. */
  #cut(text: string, onCut: (start: number, end: number, terminator: FrameTerminator) => void): void {
    let start = 0;
    let lf = text.indexOf('\n');
    let nul = text.indexOf('\0');
    while (start < text.length && !this.#closed) {
      // Searched again only when passed: a stream of one kind is searched once for the other.
      if (lf !== -1 && lf < start) lf = text.indexOf('\n', start);
      if (nul !== -1 && nul < start) nul = text.indexOf('\0', start);
      const isLf = nul === -1 || (lf !== -1 && lf < nul);
      const at = isLf ? lf : nul;
      const end = isLf && at > start && text.charCodeAt(at - 1) === CR ? at - 1 : at;
      if (end > start) onCut(start, end, isLf ? 'lf' : 'nul');
      start = at + 1;
    }
  }

  #emitText(text: string, terminator: FrameTerminator, onFrame: (frame: DecodedFrame) => void): void {
    // A UTF-16 unit takes three bytes at most, so that most frames need no counting.
    const isTooLong = text.length * 3 > this.#maxFrameBytes && Buffer.byteLength(text) > this.#maxFrameBytes;
    if (isTooLong) this.#loseFraming(onFrame);
    else onFrame({ kind: 'text', text, terminator });
  }

  #emitBytes(bytes: Buffer, terminator: FrameTerminator, onFrame: (frame: DecodedFrame) => void): void {
    if (bytes.length > this.#maxFrameBytes) this.#loseFraming(onFrame);
    else if (isUtf8(bytes)) onFrame({ kind: 'text', text: bytes.toString('utf8'), terminator });
    else onFrame({ kind: 'badUtf8', terminator });
  }

  /** Adds to the pending frame, or reports that it has become too long. */
  #append(bytes: Buffer, onFrame: (frame: DecodedFrame) => void): void {
    const length = this.#pendingBytes + bytes.length;
    // One byte more is allowed while it may prove to be the CR of a CR LF.
    if (length > this.#maxFrameBytes + (bytes[bytes.length - 1] === CR ? 1 : 0)) {
      this.#loseFraming(onFrame);
      return;
    }
    if (length > this.#pending.length) this.#growPending(length);
    bytes.copy(this.#pending, this.#pendingBytes);
    this.#pendingBytes = length;
  }

  #growPending(length: number): void {
    const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#pending.length, SMALLEST_PENDING_BYTES));
    this.#pending.copy(grown, 0, 0, this.#pendingBytes);
    this.#pending = grown;
  }

  #dropPending(): void {
    this.#pending = NOTHING;
    this.#pendingBytes = 0;
  }

  #loseFraming(onFrame: (frame: DecodedFrame) => void): void {
    this.close();
    onFrame({ kind: 'tooLong' });
  }
}

/** One past the last terminator; 0 when there is none. */
function endOfLastFrame(bytes: Buffer): number {
  const last = bytes[bytes.length - 1];
  // Most chunks end where a frame ends.
  if (last === LF || last === NUL) return bytes.length;
  return Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(NUL)) + 1;
}

/** Shared by all that are empty, and never added to. */
const NONE: Buffer[] = [];

/**
 * Frames that wait to be written, in order. Joins them on the way out, because the number of socket calls decides
 * the speed: 4.5 µs for a frame that is written alone against 0.5 µs for one of ten in a joined write.
 * Knows no bound: its owner does.
 */
export class WriteQueue {
  #frames = NONE;
  /** Frames before this index were taken; shifting the array each time would move all the others. */
  #head = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Empty frames are ignored: they would not show on the wire. */
  add(frame: Buffer): void {
    if (frame.length === 0) return;
    // Most are taken alone; an array that something is pushed to makes room for 17.
    if (this.#bytes === 0) this.#frames = [frame];
    else this.#frames.push(frame);
    this.#bytes += frame.length;
  }

  /**
   * The next frames in one buffer of at most `maxBytes`, at least one frame. A frame that is alone is handed out as
   * it is, uncopied: a fan-out shares one buffer among all its receivers. Not to be called when empty.
   */
  takeJoined(maxBytes: number): Buffer {
    const first = this.#head;
    let end = first + 1;
    let bytes = (this.#frames[first] as Buffer).length;
    while (end < this.#frames.length && bytes + (this.#frames[end] as Buffer).length <= maxBytes) {
      bytes += (this.#frames[end] as Buffer).length;
      end += 1;
    }
    if (end === first + 1) return this.takeOne();
    const joined = Buffer.concat(
      first === 0 && end === this.#frames.length ? this.#frames : this.#frames.slice(first, end),
      bytes,
    );
    this.#drop(end, bytes);
    return joined;
  }

  /** The next frame alone. Not to be called when empty. */
  takeOne(): Buffer {
    const frame = this.#frames[this.#head] as Buffer;
    this.#drop(this.#head + 1, frame.length);
    return frame;
  }

  clear(): void {
    this.#frames = NONE;
    this.#head = 0;
    this.#bytes = 0;
  }

  #drop(end: number, bytes: number): void {
    this.#head = end;
    this.#bytes -= bytes;
    if (this.#bytes === 0) this.clear();
  }
}

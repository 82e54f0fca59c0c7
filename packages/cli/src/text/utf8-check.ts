/** Knows whether bytes that come in pieces are UTF-8. */
export class Utf8Check {
  #decoder = new TextDecoder('utf-8', { fatal: true });

  #isBroken = false;

  /**
   * False: this piece is not, or the one before it was not: what that left open may still come out as U+FFFD with this
   * one.
   */
  takes(piece: Uint8Array): boolean {
    const wasBroken = this.#isBroken;
    this.#isBroken = !this.#decodes(piece);
    return !wasBroken && !this.#isBroken;
  }

  #decodes(piece: Uint8Array): boolean {
    try {
      this.#decoder.decode(piece, { stream: true });
      return true;
    } catch {
      this.#decoder = new TextDecoder('utf-8', { fatal: true });
      return false;
    }
  }
}

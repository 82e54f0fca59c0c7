import { type Clock, StoreUnavailable } from '../chat/ports/index.ts';

/** Pause before a read is tried again, in milliseconds. */
const RETRY_MS = 250;

/**
 * Reads until the store can serve. Other errors are passed on: they are mistakes, and repeating them helps nobody.
 * `isWanted` ends the trying (and rejects with the last error) when nobody waits for the answer any more.
 */
export async function retryRead<T>(clock: Clock, read: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || !isWanted()) throw error;
    }
    await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
  }
}

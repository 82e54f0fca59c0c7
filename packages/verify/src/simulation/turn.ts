import { setImmediate } from 'node:timers/promises';

/**
 * Waits until everything that follows at once has followed: promises, and what the message log gathers until the end of
 * this turn of the event loop. Nothing of a simulated world waits for anything else, so what follows is the same each time.
 */
export async function turn(): Promise<void> {
  await setImmediate();
}

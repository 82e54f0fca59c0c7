import type { Logger } from './observe/log.ts';

/**
 * Ctrl-C reaches a server below npm twice, from the terminal and from npm: what comes this soon after the first
 * signal is the same wish.
 */
const SAME_MS = 500;

/** Exit code of a program that a signal ended, as shells count. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;

/**
 * Waits for SIGTERM or SIGINT. A second one, later, ends the process at once with 130 or 143. SIGHUP (a closed
 * terminal, an ended ssh) never stops a server. [OPS-1]
 */
export function firstStopSignal(log: Logger): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let firstAtMs: number | undefined;
  function stop(signal: StopSignal): void {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      resolve(signal);
    } else if (nowMs - firstAtMs > SAME_MS) {
      log.warn({ code: signal }, 'asked again: stopping at once');
      process.exit(EXIT_CODES[signal]);
    }
  }
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => log.info({ code: 'SIGHUP' }, 'nothing to reload'));
  return promise;
}

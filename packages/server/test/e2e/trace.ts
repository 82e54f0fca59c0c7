/** What a trace of a server's system calls says about the disk and its acknowledgements. */
export interface AckTrace {
  /** Acknowledgements of sends that went to a socket. */
  readonly acks: number;
  /**
   * Those among them before which, since the acknowledgement before, nothing was written to the log, or nothing of it
   * was synced. (What is stored behind, as positions are, may be under way at any time.)
   */
  readonly unsynced: number;
}

/** The last part of strace's line about a call that another thread interrupted. */
const RESUMED = /^(\d+) .*<\.\.\. (?:fsync|fdatasync) resumed>.*= 0/;
const SYNC = /^(\d+) .*\b(?:fsync|fdatasync)\(\d+<([^>]*)>/;
const LOG_WRITE = /\b(?:pwrite64|write|pwritev)\(\d+<[^>]*-wal>/;
const ACK =
  /\b(?:write|writev|sendmsg|sendto)\(\d+<(?:socket|TCP)[^>]*>.*\{\\"re\\":\d+,\\"ok\\":\{\\"conversation\\":\\"[dg\d-]+\\",\\"seq/;

/**
 * Reads what `strace -f -y` wrote. The place of a line is that of the call's beginning; a sync counts from its end, an
 * acknowledgement from its beginning.
 */
export function readAckTrace(trace: string): AckTrace {
  let acks = 0;
  let unsynced = 0;
  let hasWritten = false;
  let isSynced = false;
  /** Threads that wait for the log to be synced. */
  const waiting = new Set<string>();
  for (const line of trace.split('\n')) {
    const sync = SYNC.exec(line);
    const resumed = RESUMED.exec(line)?.[1];
    if (sync?.[2]?.endsWith('-wal') === true) {
      if (line.includes('<unfinished')) waiting.add(sync[1] ?? '');
      else if (/= 0\b/.test(line)) isSynced = hasWritten;
    } else if (resumed !== undefined && waiting.delete(resumed)) {
      isSynced = hasWritten;
    } else if (LOG_WRITE.test(line)) {
      hasWritten = true;
    } else if (ACK.test(line)) {
      acks += 1;
      if (!isSynced) unsynced += 1;
      hasWritten = false;
      isSynced = false;
    }
  }
  return { acks, unsynced };
}

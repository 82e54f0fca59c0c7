import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Resident bytes of a process. */
export function residentBytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return Number(kilobytes) * 1_024;
}

/** Files that this process, and the server that it starts, may have open. */
export function openFilesLimit(): number {
  const limits = '/proc/self/limits';
  if (!existsSync(limits)) return Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || 1_024;
  // Node raises the soft limit to the hard one when it starts.
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync(limits, 'utf8'))?.[1] ?? 1_024);
}

import { readFileSync } from 'node:fs';

/** Where Linux tells a process its limits: proc_pid_limits(5). */
const LIMITS_FILE = '/proc/self/limits';

/**
 * How many descriptors this process may have open; undefined where that cannot be known. Node.js has raised the soft
 * limit to the hard one when it started.
 */
export function descriptorLimit(): number | undefined {
  return fromProc() ?? fromReport();
}

function fromProc(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(LIMITS_FILE, 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** Slower (milliseconds), for macOS. */
function fromReport(): number | undefined {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : undefined;
}

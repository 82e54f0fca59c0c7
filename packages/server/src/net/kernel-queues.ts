import { readFileSync } from 'node:fs';

/** How old what was read may be, in milliseconds: the tables grow with all sockets of the machine (1 to 3 µs each). */
const FRESH_MS = 10_000;

/** Bytes that the kernel holds unacknowledged, by `ports` of a connection. */
export type KernelBacklog = ReadonlyMap<number, number>;

/**
 * What the kernel holds for peers that have not acknowledged it. Node.js cannot ask for one socket (SIOCOUTQ, tcp(7)),
 * so the tables of proc_net_tcp(5) are read, seldom, and only while some peer stands still. Needed because a socket
 * becomes writable again only when a third of the kernel's buffer is free: on loopback megabytes, which somebody who
 * reads 20 kB/s takes minutes for. (Measured: such a reader looked dead after 31 s. Below some 15 kB/s a reader on
 * loopback still does, because its own kernel then opens its window more seldom; across a network far less suffices.)
 */
export class KernelQueues {
  readonly #read: () => string | undefined;
  #backlog: KernelBacklog | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(read: () => string | undefined = readTables) {
    this.#read = read;
  }

  /** A table of this moment; undefined when the last one is still fresh, or where there is none (not Linux). */
  sample(nowMs: number): KernelBacklog | undefined {
    if (nowMs - this.#readAtMs < FRESH_MS) return nowMs === this.#readAtMs ? this.#backlog : undefined;
    this.#readAtMs = nowMs;
    const tables = this.#read();
    this.#backlog = tables === undefined ? undefined : parseTables(tables);
    return this.#backlog;
  }
}

/**
 * The key of a connection. Two that have both ports in common (from different addresses) are counted together: then
 * one that moves excuses the other.
 */
export function portsKey(localPort: number, remotePort: number): number {
  return localPort * 65_536 + remotePort;
}

/** `sl: local:port remote:port state tx_queue:rx_queue …` in hexadecimal; only rows that hold something to send. */
const ROW = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} (?!00000000)([0-9A-F]{8}):/gm;

function parseTables(tables: string): KernelBacklog {
  const backlog = new Map<number, number>();
  for (const [, local = '', remote = '', bytes = ''] of tables.matchAll(ROW)) {
    const key = portsKey(Number.parseInt(local, 16), Number.parseInt(remote, 16));
    backlog.set(key, (backlog.get(key) ?? 0) + Number.parseInt(bytes, 16));
  }
  return backlog;
}

function readTables(): string | undefined {
  try {
    return readFileSync('/proc/self/net/tcp', 'latin1') + readFileSync('/proc/self/net/tcp6', 'latin1');
  } catch {
    return undefined;
  }
}

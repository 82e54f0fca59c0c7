import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../src/net/connection.ts';
import type { ConnectionListener } from '../../src/net/connection-listener.ts';
import { type Listener, openListener } from '../../src/net/listener.ts';
import type { NetClock } from '../../src/net/net-clock.ts';
import type { NetLimits } from '../../src/net/net-limits.ts';
import { type Logger, SILENT_LOG } from '../../src/observe/log.ts';

export const REAL_CLOCK: NetClock = {
  monotonic: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Remembers what a connection tells. */
export class Recorder implements ConnectionListener {
  readonly connection: Connection;
  readonly events: string[] = [];
  readonly closed = Promise.withResolvers<boolean>();
  /** Called with each frame after it was noted. */
  react: (text: string) => void = () => {};

  constructor(connection: Connection) {
    this.connection = connection;
  }

  onFrame(text: string, terminator: string): void {
    this.events.push(`${terminator}:${text}`);
    this.react(text);
  }

  onBadFrame(kind: string): void {
    this.events.push(kind);
  }

  onDrained(): void {
    this.events.push('drained');
  }

  onSilent(): void {
    this.events.push('silent');
  }

  onStuck(): void {
    this.events.push('stuck');
  }

  onPeerEnded(): void {
    this.connection.end();
  }

  onClosed(clean: boolean): void {
    this.events.push(`closed:${clean}`);
    this.closed.resolve(clean);
  }
}

const LIMITS: NetLimits = {
  frameBytes: 1_000,
  queueBytes: 262_144,
  connections: 1_000,
  connectionsPerAddress: 100,
  stuckMs: 30_000,
  endMs: 5_000,
};

export interface Harness {
  readonly listener: Listener;
  readonly recorders: Recorder[];
  /** Connects a peer and waits until the listener has accepted it. */
  readonly connect: () => Promise<{ peer: net.Socket; recorder: Recorder }>;
}

export interface HarnessOptions {
  readonly limits?: Partial<NetLimits>;
  readonly clock?: NetClock;
  readonly log?: Logger;
  readonly host?: string;
  /** Opens a second listener, behind which the PROXY header is required, and believed of these. */
  readonly isTrusted?: (address: string) => boolean;
  readonly onOpen?: (recorder: Recorder) => void;
}

/** A listener on a free port whose connections are recorded; it is gone when the test ends. */
export async function startHarness(t: TestContext, options: HarnessOptions = {}): Promise<Harness> {
  const recorders: Recorder[] = [];
  const host = options.host ?? '127.0.0.1';
  const listener = await openListener({
    host,
    port: 0,
    proxy: options.isTrusted && { host, port: 0, isTrusted: options.isTrusted },
    limits: { ...LIMITS, ...options.limits },
    clock: options.clock ?? REAL_CLOCK,
    log: options.log ?? SILENT_LOG,
    openConnection(connection) {
      const recorder = new Recorder(connection);
      recorders.push(recorder);
      options.onOpen?.(recorder);
      return recorder;
    },
  });
  const peers: net.Socket[] = [];
  t.after(async () => {
    for (const peer of peers) peer.destroy();
    await listener.destroy();
  });
  async function connect(): Promise<{ peer: net.Socket; recorder: Recorder }> {
    const before = recorders.length;
    const peer = net.connect({ host, port: listener.port, allowHalfOpen: true });
    peers.push(peer);
    peer.on('error', () => {});
    await once(peer, 'connect');
    await until(() => recorders.length > before);
    return { peer, recorder: recorders.at(-1) as Recorder };
  }
  return { listener, recorders, connect };
}

/** Waits for something that real sockets bring about. */
export async function until(isTrue: () => boolean, withinMs = 5_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`not so within ${withinMs} ms: ${String(isTrue)}`);
    await sleep(2);
  }
}

import { createClient } from '@redis/client';

/** One connection, as much of it as we use. It never reconnects: a new one is made instead, with nothing left over. */
export interface RedisConnection {
  connect(): Promise<unknown>;
  /** Written with everything else of this turn; the replies come in order. */
  sendCommand(args: readonly string[]): Promise<unknown>;
  sSubscribe(channels: string[], onMessage: OnMessage): Promise<unknown>;
  sUnsubscribe(channels: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Ends it at once; what waits for a reply fails. */
  destroy(): void;
}

/** Takes what came on a channel. */
export type OnMessage = (message: string, channel: string) => void;

/** How long the TCP connection may take to open, in milliseconds. */
const CONNECT_MS = 2_000;

/**
 * Makes a connection that is not open yet.
 * @throws TypeError when the URL is none
 */
export function createConnection(url: string): RedisConnection {
  const client = createClient({
    url,
    RESP: 3,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // It would cover only what is not yet written, with a timer for each command; RedisLink has the deadline that counts.
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
  return {
    connect: () => client.connect(),
    sendCommand: (args) => client.sendCommand(args),
    sSubscribe: (channels, onMessage) => client.sSubscribe(channels, onMessage),
    sUnsubscribe: (channels) => client.sUnsubscribe(channels),
    on: (event, listener) => client.on(event, listener),
    destroy: () => {
      if (client.isOpen) client.destroy();
    },
  };
}

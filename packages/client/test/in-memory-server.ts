import type { Dial, TransportListener } from '../src/transport.ts';

/** The far end of a dialed stream, in memory: requests come out, frames go in. */
export interface FarEnd {
  readonly requests: { readonly id: number; readonly op: string }[];
  send(frame: object): void;
  close(): void;
}

/** A way to no network: every dial makes a far end that answers `hello` and nothing else. */
export function createInMemoryDial(): { dial: Dial; ends: FarEnd[] } {
  const ends: FarEnd[] = [];
  const dial: Dial = async (_address, listener) => {
    const end = createEnd(listener);
    ends.push(end);
    return await Promise.resolve({
      queuedBytes: 0,
      write: (bytes: Uint8Array) => {
        for (const line of Buffer.from(bytes).toString().trim().split('\n')) {
          const request = JSON.parse(line) as FarEnd['requests'][number];
          end.requests.push(request);
          if (request.op === 'hello') end.send({ re: request.id, ok: { release: '0', limits: {} } });
        }
      },
      end: () => end.close(),
      destroy: () => end.close(),
    });
  };
  return { dial, ends };
}

function createEnd(listener: TransportListener): FarEnd {
  let isOpen = true;
  return {
    requests: [],
    send: (frame) => {
      if (isOpen) listener.onBytes(Buffer.from(`${JSON.stringify(frame)}\n`));
    },
    close: () => {
      if (isOpen) listener.onClose(undefined);
      isOpen = false;
    },
  };
}

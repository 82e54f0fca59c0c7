import { workerData } from 'node:worker_threads';
import { openReader } from './reader.ts';
import { serveThread } from './serve-thread.ts';

/** Entry file of the reader's thread. */
serveThread(() => {
  const { close, ...reader } = openReader(workerData as { readonly file: string });
  const methods: Record<string, ((...args: never[]) => unknown) | undefined> = reader;
  return { call: (method, args) => methods[method]?.(...(args as never[])), close };
});

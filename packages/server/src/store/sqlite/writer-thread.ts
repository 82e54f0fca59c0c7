import { workerData } from 'node:worker_threads';
import { flattenDone, unflattenRequests } from './flat-batch.ts';
import { serveThread } from './serve-thread.ts';
import { openWriter, type WriterOptions } from './writer.ts';

/** Entry file of the writer's thread. */
serveThread(() => {
  const { close, limitWal, ...writer } = openWriter(workerData as WriterOptions);
  const methods: Record<string, ((...args: never[]) => unknown) | undefined> = writer;
  return {
    call: (method, args) => methods[method]?.(...(args as never[])),
    commit(batch, start, reply) {
      flattenDone(writer.commit(unflattenRequests(batch, start)), reply);
    },
    afterwards: limitWal,
    close,
  };
});

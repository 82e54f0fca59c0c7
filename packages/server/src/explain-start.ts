import { StoreUnavailable } from './chat/ports/index.ts';
import type { Config } from './config.ts';
import { ListenError } from './net/listen-error.ts';
import { EXIT, StartError } from './start-error.ts';
import { DataFolderError } from './store/data-folder.ts';
import { ForeignData, NewerSchema, ServerTooOld, StoreBroken } from './store/store-errors.ts';

/** Why a server cannot start: what a person can do something about as one sentence; a mistake of ours as it is. */
export function explainStart(error: unknown, { store }: Config): unknown {
  const isEmbedded = store.kind === 'sqlite';
  const file = isEmbedded ? store.file : 'the database';
  if (error instanceof ListenError) {
    const hint = error.freePort === undefined ? '' : `; start with: ${error.host} ${error.freePort}`;
    return new StartError(`${error.message}${hint}`, EXIT.unavailable, { cause: error });
  }
  if (error instanceof NewerSchema) return new StartError(`${file}: ${error.message}`, EXIT.config, { cause: error });
  if (error instanceof DataFolderError || error instanceof ForeignData || error instanceof ServerTooOld) {
    return new StartError(error.message, EXIT.config, { cause: error });
  }
  if (error instanceof StoreBroken || error instanceof StoreUnavailable) {
    return new StartError(`${file} cannot be used: ${error.message}`, isEmbedded ? EXIT.disk : EXIT.unavailable, {
      cause: error,
    });
  }
  return error;
}

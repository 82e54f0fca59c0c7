import type { WireError } from '@parley/protocol';

/**
 * What went wrong, as far as the caller can act on it.
 * `refused`: the server answered no, or would have; `code` says why, and nothing was done.
 * `unreachable`: no connection came about.
 * `lost`: the link died; the request had not been written, or repeats nothing when asked again.
 * `unknown_outcome`: the link died, or time ran out, over a request that appends: it may be stored or not. Ask with
 * `outcome`, make it final with `cancel`, or send it again under the same `clientId`.
 * `timeout`: no answer came in time.
 */
export type ClientErrorKind = 'refused' | 'unreachable' | 'lost' | 'unknown_outcome' | 'timeout';

export interface ClientErrorDetails {
  readonly kind: ClientErrorKind;
  /** The server's code when it refused (it may be newer than this release); otherwise the kind. */
  readonly code?: string;
  readonly message: string;
  /** What to do about it, in the server's words. */
  readonly hint?: string | undefined;
  /** Milliseconds after which the same request may succeed. */
  readonly retryAfterMs?: number | undefined;
  /** Of the request that was to append something. */
  readonly clientId?: string | undefined;
  readonly cause?: unknown;
}

/** The one error that this library throws for what happens outside of the program. Decide by `kind` and `code`. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly kind: ClientErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly clientId: string | undefined;

  constructor(details: ClientErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = details.kind;
    this.code = details.code ?? details.kind;
    this.hint = details.hint;
    this.retryAfterMs = details.retryAfterMs;
    this.clientId = details.clientId;
  }
}

/** The server's refusal as an error. */
export function refusal(error: WireError, clientId?: string): ClientError {
  return new ClientError({ ...error, kind: 'refused', clientId });
}

/** The text of any thrown value; never empty. A failed connection to several addresses names each of them. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(describeError))].join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}

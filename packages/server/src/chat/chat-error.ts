import { ERROR_CODES, type ErrorCode } from '@parley/protocol';

/** A refusal by the rules. The session turns it into an answer; it is never a mistake of the server. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ErrorCode;
  /** What to do about it, when there is more to say than the code's meaning. */
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: { hint?: string; retryAfterMs?: number; cause?: unknown } = {}) {
    super(ERROR_CODES[code].meaning, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.retryAfterMs = details.retryAfterMs;
  }
}

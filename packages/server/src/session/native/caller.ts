import type { Op, ReplyOf } from '@parley/protocol';
import type { RequestOf } from '@parley/protocol/validate';
import type { Identity } from '../../chat/accounts.ts';
import type { SessionDeps } from '../session-deps.ts';

/** Who asks, and what a handler may use. */
export interface Caller {
  readonly me: Identity;
  readonly deps: SessionDeps;
}

/** Answers one operation, or throws a ChatError. Handlers know no socket. */
export type Handler<O extends Op> = (request: RequestOf<O>, caller: Caller) => ReplyOf<O> | Promise<ReplyOf<O>>;

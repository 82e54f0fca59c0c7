import type { Op } from '@parley/protocol';
import type { Handler } from '../caller.ts';
import * as accounts from './accounts.ts';
import * as contacts from './contacts.ts';
import * as groups from './groups.ts';
import { history } from './history.ts';
import * as positions from './positions.ts';
import * as sending from './sending.ts';

/** Operations that change what the connection itself is doing; native-session.ts answers them. */
export type SessionOp = 'hello' | 'ping' | 'register' | 'login' | 'resume' | 'logout' | 'sync' | 'send' | 'friends';

/** The rest: question in, answer out. */
export type HandledOp = Exclude<Op, SessionOp>;

export const HANDLERS: { readonly [O in HandledOp]: Handler<O> } = {
  ...accounts,
  ...contacts,
  ...groups,
  ...positions,
  ...sending,
  history,
};

/** Whether an operation is answered by a handler. */
export function isHandled(op: Op): op is HandledOp {
  return Object.hasOwn(HANDLERS, op);
}

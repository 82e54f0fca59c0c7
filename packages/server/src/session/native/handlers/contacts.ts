import type { EdgeChange } from '../../../chat/ports/index.ts';
import type { Caller, Handler } from '../caller.ts';

async function change(who: string | number, { me, deps }: Caller, edge: EdgeChange): Promise<Record<never, never>> {
  await deps.chat.contacts.change(me.user, who, edge);
  return {};
}

/**
 * One's own edge only: friends have added each other. Adding a friend again changes nothing.
 * @throws ChatError no_such_user, not_yourself; blocked, when the other has blocked the caller
 */
export const addFriend: Handler<'addFriend'> = ({ user }, caller) => change(user, caller, { added: true });
/** The other's edge stays. Nothing happens when there was none. @throws ChatError no_such_user, not_yourself */
export const removeFriend: Handler<'removeFriend'> = ({ user }, caller) => change(user, caller, { added: false });
/**
 * The blocked one can neither write to the caller nor add the caller, and neither sees the other come and go. [IDENT-2]
 * @throws ChatError no_such_user, not_yourself
 */
export const block: Handler<'block'> = ({ user }, caller) => change(user, caller, { blocked: true });
/** Who was a friend is one again: a block does not end it. @throws ChatError no_such_user, not_yourself */
export const unblock: Handler<'unblock'> = ({ user }, caller) => change(user, caller, { blocked: false });

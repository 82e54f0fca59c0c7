import type { EdgeChange } from '../../../chat/ports/index.ts';
import type { Caller, Handler } from '../caller.ts';

async function change(who: string | number, { me, deps }: Caller, edge: EdgeChange): Promise<Record<never, never>> {
  await deps.chat.contacts.change(me.user, who, edge);
  return {};
}

export const addFriend: Handler<'addFriend'> = ({ user }, caller) => change(user, caller, { added: true });
export const removeFriend: Handler<'removeFriend'> = ({ user }, caller) => change(user, caller, { added: false });
export const block: Handler<'block'> = ({ user }, caller) => change(user, caller, { blocked: true });
export const unblock: Handler<'unblock'> = ({ user }, caller) => change(user, caller, { blocked: false });

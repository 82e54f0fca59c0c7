import type { DeviceId } from '../../../chat/ports/index.ts';
import { fitRows } from '../../frames.ts';
import type { Handler } from '../caller.ts';

/**
 * Needs the current password; then all the account's other sessions end, classic ones too. [IDENT-3]
 * @throws ChatError bad_password, bad_credentials, rate_limited
 */
export const password: Handler<'password'> = async ({ current, next }, { me, deps }) => {
  await deps.chat.accounts.changePassword(me, current, next);
  return {};
};

/** The newest ones, as many as fit into a frame: 130 at least. */
export const devices: Handler<'devices'> = async (_request, { me, deps }) => {
  const found = await deps.chat.accounts.devices(me);
  const rows = found.map(({ id, name, createdAt, lastSeenAt }) => {
    return { id, name, createdAt, lastSeenAt, current: id === me.device };
  });
  return { devices: fitRows(rows) };
};

/** Ends a log-in of the account's own, which may be the one that asks. [IDENT-3] @throws ChatError no_such_device */
export const revoke: Handler<'revoke'> = async ({ device }, { me, deps }) => {
  await deps.chat.accounts.revoke(me, device as DeviceId);
  return {};
};

/** Presence is for those who have added the person; everybody may learn a name's number. */
export const whois: Handler<'whois'> = async ({ user }, { deps }) => {
  const { id, name } = await deps.chat.directory.account(user);
  return { user: { id, name } };
};

import type Type from 'typebox';
import * as accounts from './messages/accounts.ts';
import * as contacts from './messages/contacts.ts';
import * as groups from './messages/groups.ts';
import * as history from './messages/history.ts';
import * as positions from './messages/positions.ts';
import * as sending from './messages/sending.ts';
import * as sync from './messages/sync.ts';

/** Every operation of the native dialect with the schema of its request. The listing is the protocol's contents. */
export const REQUESTS = {
  hello: accounts.helloRequest,
  register: accounts.registerRequest,
  login: accounts.loginRequest,
  resume: accounts.resumeRequest,
  logout: accounts.logoutRequest,
  password: accounts.passwordRequest,
  devices: accounts.devicesRequest,
  revoke: accounts.revokeRequest,
  whois: accounts.whoisRequest,
  ping: accounts.pingRequest,
  sync: sync.syncRequest,
  send: sending.sendRequest,
  outcome: sending.outcomeRequest,
  cancel: sending.cancelRequest,
  history: history.historyRequest,
  read: positions.readRequest,
  delivered: positions.deliveredRequest,
  friends: contacts.friendsRequest,
  addFriend: contacts.addFriendRequest,
  removeFriend: contacts.removeFriendRequest,
  block: contacts.blockRequest,
  unblock: contacts.unblockRequest,
  createGroup: groups.createGroupRequest,
  join: groups.joinRequest,
  leave: groups.leaveRequest,
  kick: groups.kickRequest,
  role: groups.roleRequest,
  members: groups.membersRequest,
} as const;

/** The name of an operation. */
export type Op = keyof typeof REQUESTS;

/** The request of one operation. */
export type RequestOf<O extends Op> = Type.Static<(typeof REQUESTS)[O]>;

/** Whether a client's word is an operation that this release knows. */
export function isOp(word: unknown): word is Op {
  return typeof word === 'string' && Object.hasOwn(REQUESTS, word);
}

import { asGroupId, asUserId, type GroupId, type UserId } from './ids.ts';

/** The ancestor's message numbers. */
export const CLASSIC_MSGID = {
  login: 1,
  loginAck: 2,
  logout: 3,
  register: 4,
  registerAck: 5,
  oneChat: 6,
  addFriend: 7,
  createGroup: 8,
  addGroup: 9,
  groupChat: 10,
} as const;

/**
 * What a classic client asks. Its `id`, `name` and `time` are left out except at log-in: who speaks is known from
 * the session, and when, from the store. Lengths and characters are checked by the rules of names and texts.
 */
export type ClassicRequest =
  | { readonly kind: 'login'; readonly id: UserId; readonly password: string }
  | { readonly kind: 'logout' }
  | { readonly kind: 'register'; readonly name: string; readonly password: string }
  | { readonly kind: 'oneChat'; readonly toId: UserId; readonly text: string }
  | { readonly kind: 'addFriend'; readonly friendId: UserId }
  | { readonly kind: 'createGroup'; readonly name: string; readonly description: string }
  | { readonly kind: 'addGroup'; readonly groupId: GroupId }
  | { readonly kind: 'groupChat'; readonly groupId: GroupId; readonly text: string };

/**
 * How a refusal may be answered. The real client aborts on a 6 or 10 that is no whole chat object and on a frame
 * without integer msgid, waits for the answer to 1 and 4, and expects none to the rest. (C01)
 */
export type ClassicAnswer = 'loginAck' | 'registerAck' | 'notDelivered' | 'none';

/** A request, or why it is none and how to say so. [WIRE-2] */
export type ParsedClassicRequest =
  | { readonly ok: true; readonly request: ClassicRequest }
  | { readonly ok: false; readonly answer: ClassicAnswer; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

/** Takes a parsed frame. Ignores fields it does not know, because the real client adds some. Numbers must be integers. */
export function parseClassicRequest(frame: Fields): ParsedClassicRequest {
  switch (ownField(frame, 'msgid')) {
    case CLASSIC_MSGID.login:
      return parseLogin(frame);
    case CLASSIC_MSGID.logout:
      return accept({ kind: 'logout' });
    case CLASSIC_MSGID.register:
      return parseRegister(frame);
    case CLASSIC_MSGID.oneChat:
      return parseOneChat(frame);
    case CLASSIC_MSGID.addFriend:
      return parseAddFriend(frame);
    case CLASSIC_MSGID.createGroup:
      return parseCreateGroup(frame);
    case CLASSIC_MSGID.addGroup:
      return parseAddGroup(frame);
    case CLASSIC_MSGID.groupChat:
      return parseGroupChat(frame);
    default:
      return refuse('none', 'msgid is not a request');
  }
}

function parseLogin(frame: Fields): ParsedClassicRequest {
  const id = asUserId(ownField(frame, 'id'));
  const password = ownField(frame, 'password');
  if (id === undefined) return refuse('loginAck', 'id is not a user id');
  if (typeof password !== 'string') return refuse('loginAck', 'password is not a string');
  return accept({ kind: 'login', id, password });
}

function parseRegister(frame: Fields): ParsedClassicRequest {
  const name = ownField(frame, 'name');
  const password = ownField(frame, 'password');
  if (typeof name !== 'string') return refuse('registerAck', 'name is not a string');
  if (typeof password !== 'string') return refuse('registerAck', 'password is not a string');
  return accept({ kind: 'register', name, password });
}

function parseOneChat(frame: Fields): ParsedClassicRequest {
  const toId = asUserId(ownField(frame, 'toid'));
  const text = ownField(frame, 'msg');
  if (toId === undefined) return refuse('notDelivered', 'there is no such user');
  if (typeof text !== 'string') return refuse('notDelivered', 'msg is not a string');
  return accept({ kind: 'oneChat', toId, text });
}

function parseAddFriend(frame: Fields): ParsedClassicRequest {
  const friendId = asUserId(ownField(frame, 'friendid'));
  return friendId === undefined ? refuse('none', 'friendid is not a user id') : accept({ kind: 'addFriend', friendId });
}

function parseCreateGroup(frame: Fields): ParsedClassicRequest {
  const name = ownField(frame, 'groupname');
  const description = ownField(frame, 'groupdesc') ?? '';
  if (typeof name !== 'string') return refuse('none', 'groupname is not a string');
  if (typeof description !== 'string') return refuse('none', 'groupdesc is not a string');
  return accept({ kind: 'createGroup', name, description });
}

function parseAddGroup(frame: Fields): ParsedClassicRequest {
  const groupId = asGroupId(ownField(frame, 'groupid'));
  return groupId === undefined ? refuse('none', 'groupid is not a group id') : accept({ kind: 'addGroup', groupId });
}

function parseGroupChat(frame: Fields): ParsedClassicRequest {
  const groupId = asGroupId(ownField(frame, 'groupid'));
  const text = ownField(frame, 'msg');
  if (groupId === undefined) return refuse('notDelivered', 'there is no such group');
  if (typeof text !== 'string') return refuse('notDelivered', 'msg is not a string');
  return accept({ kind: 'groupChat', groupId, text });
}

function accept(request: ClassicRequest): ParsedClassicRequest {
  return { ok: true, request };
}

function refuse(answer: ClassicAnswer, reason: string): ParsedClassicRequest {
  return { ok: false, answer, reason };
}

/** Own fields only: a missing `name` must not become Object.prototype's anything. */
function ownField(frame: Fields, name: string): unknown {
  return Object.hasOwn(frame, name) ? frame[name] : undefined;
}

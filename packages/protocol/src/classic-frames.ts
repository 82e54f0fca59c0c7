import { CLASSIC_MSGID } from './classic-requests.ts';
import {
  classicFrameBytes,
  classicName,
  clipClassicText,
  formatClassicTime,
  splitClassicText,
} from './classic-text.ts';
import type { GroupId, UserId } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Who speaks in refusals; id 0 is nobody's. */
export const CLASSIC_SERVER_NAME = 'parley';

/** Room for a reason, whatever the limit of the frame. */
const REASON_BYTES = 300;

/** A chat between two people, on the wire in both directions. */
export interface ClassicOneChat {
  readonly msgid: typeof CLASSIC_MSGID.oneChat;
  readonly id: number;
  readonly name: string;
  readonly toid: number;
  readonly msg: string;
  readonly time: string;
}

/** A chat in a group. */
export interface ClassicGroupChat {
  readonly msgid: typeof CLASSIC_MSGID.groupChat;
  readonly id: number;
  readonly name: string;
  readonly groupid: number;
  readonly msg: string;
  readonly time: string;
}

export type ClassicChat = ClassicOneChat | ClassicGroupChat;

/** The answer to a registration. */
export interface ClassicRegisterAck {
  readonly msgid: typeof CLASSIC_MSGID.registerAck;
  /** 0 done, 1 refused: the real client says "Name already exists" whatever the reason. */
  readonly errno: 0 | 1;
  readonly id?: UserId;
}

/** The answer to a log-in that failed. */
export interface ClassicLoginRefusal {
  readonly msgid: typeof CLASSIC_MSGID.loginAck;
  /** 1 refused, 2 already online. */
  readonly errno: 1 | 2;
  readonly errmsg: string;
}

/** A message for a classic client, as the store knows it. */
export interface ClassicMessage {
  readonly from: { readonly id: UserId; readonly name: string };
  readonly text: string;
  /** The store's time in milliseconds since 1970. */
  readonly timeMs: number;
}

/** REG_ACK for a new account. */
export function registerAck(id: UserId): ClassicRegisterAck {
  return { msgid: CLASSIC_MSGID.registerAck, errno: 0, id };
}

/** REG_ACK for a refused registration. */
export function registerRefusal(): ClassicRegisterAck {
  return { msgid: CLASSIC_MSGID.registerAck, errno: 1 };
}

/** LOGIN_ACK for a refused log-in; the real client shows `errmsg` and its menu again. */
export function loginRefusal(errmsg: string, errno: 1 | 2 = 1): ClassicLoginRefusal {
  return { msgid: CLASSIC_MSGID.loginAck, errno, errmsg: clipClassicText(errmsg, REASON_BYTES) };
}

/** A direct message as frames of at most `maxFrameBytes` each, to be sent in this order. [CLASSIC-1] */
export function oneChatFrames(
  message: ClassicMessage,
  toId: UserId,
  maxFrameBytes: number = LIMITS.classicFrameBytes,
): readonly ClassicOneChat[] {
  const { id } = message.from;
  const name = classicName(message.from.name);
  const time = formatClassicTime(message.timeMs);
  const withText = (msg: string) => ({ msgid: CLASSIC_MSGID.oneChat, id, name, toid: toId, msg, time });
  return framesOf(withText, { text: message.text, name }, maxFrameBytes);
}

/** A group's message as frames of at most `maxFrameBytes` each, to be sent in this order. [CLASSIC-1] */
export function groupChatFrames(
  message: ClassicMessage,
  groupId: GroupId,
  maxFrameBytes: number = LIMITS.classicFrameBytes,
): readonly ClassicGroupChat[] {
  const { id } = message.from;
  const name = classicName(message.from.name);
  const time = formatClassicTime(message.timeMs);
  const withText = (msg: string) => ({ msgid: CLASSIC_MSGID.groupChat, id, name, groupid: groupId, msg, time });
  return framesOf(withText, { text: message.text, name }, maxFrameBytes);
}

/** An ASCII unit may become six bytes as JSON, any other unit at most as many. */
const UNIT_BYTES = 6;
/** Everything in a chat frame but its name and its text. */
const FRAME_BYTES = 160;

/** One frame for a text that surely fits, without measuring it: the case of nearly all messages. */
function framesOf<F extends ClassicChat>(
  withText: (msg: string) => F,
  { text, name }: { readonly text: string; readonly name: string },
  maxFrameBytes: number,
): readonly F[] {
  if (UNIT_BYTES * (text.length + name.length) + FRAME_BYTES <= maxFrameBytes) return [withText(text.toWellFormed())];
  return splitClassicText(text, maxFrameBytes - classicFrameBytes(withText(''))).map(withText);
}

/** What was refused: `toId` is the user who is told, `groupId` the group, when it was a message to an existing one. */
export interface ClassicRefusedChat {
  readonly toId: UserId | undefined;
  readonly groupId?: GroupId | undefined;
  readonly reason: string;
  readonly timeMs: number;
}

/**
 * The answer to a refused 6 or 10: a whole chat object, because the real client takes any 6 or 10 for one and
 * aborts when a field is missing. (C01)
 */
export function notDelivered(refused: ClassicRefusedChat): ClassicChat {
  const msg = `not delivered: ${clipClassicText(refused.reason, REASON_BYTES)}`;
  const common = { id: 0, name: CLASSIC_SERVER_NAME, msg };
  const time = formatClassicTime(refused.timeMs);
  if (refused.groupId !== undefined) {
    return { msgid: CLASSIC_MSGID.groupChat, ...common, groupid: refused.groupId, time };
  }
  return { msgid: CLASSIC_MSGID.oneChat, ...common, toid: refused.toId ?? 0, time };
}

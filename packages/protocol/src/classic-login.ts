import type { ClassicChat } from './classic-frames.ts';
import { CLASSIC_MSGID } from './classic-requests.ts';
import { classicFrameBytes, classicName, jsonBytes } from './classic-text.ts';
import type { GroupId, UserId } from './ids.ts';
import { LIMITS } from './limits.ts';

export type ClassicState = 'online' | 'offline';

/** Someone whom the user has added. */
export interface ClassicFriend {
  readonly id: UserId;
  readonly name: string;
  readonly state: ClassicState;
}

/** A member of a group, as a classic client sees one. */
export interface ClassicGroupUser extends ClassicFriend {
  /** The ancestor's two roles: `creator` is our owner, everyone else is `normal`. */
  readonly role: 'creator' | 'normal';
}

export interface ClassicGroup {
  readonly id: GroupId;
  readonly name: string;
  readonly description: string;
  readonly users: readonly ClassicGroupUser[];
}

/** All that a log-in would tell if there were room. */
export interface ClassicLoginContent {
  readonly user: { readonly id: UserId; readonly name: string };
  readonly friends: readonly ClassicFriend[];
  readonly groups: readonly ClassicGroup[];
  /** What waited for the user, oldest first; made by oneChatFrames and groupChatFrames. */
  readonly backlog: readonly ClassicChat[];
}

/** LOGIN_ACK of a log-in that succeeded. The lists are strings, each a JSON object; an empty list is left out. */
export interface ClassicLoginAck {
  readonly msgid: typeof CLASSIC_MSGID.loginAck;
  readonly errno: 0;
  readonly id: UserId;
  readonly name: string;
  readonly friends?: readonly string[];
  readonly groups?: readonly string[];
  readonly offlinemsg?: readonly string[];
}

export interface ClassicLoginAnswer {
  readonly ack: ClassicLoginAck;
  /** The end of the backlog, which did not fit: to be sent after the ack, one frame each, in order. */
  readonly rest: readonly ClassicChat[];
}

/**
 * LOGIN_ACK within `maxFrameBytes` (Infinity for everything, as newer classic clients can take). [CLASSIC-1] (C03)
 * When it does not all fit: friends (online first) and groups without their users take turns, those that do not fit
 * are left out; then groups get their users back where room is left, all of a group or none, so that no list looks
 * whole and is not; last comes as much of the backlog as fits, from its beginning. What is left out of friends and
 * groups is not sent at all: the dialect has no frame for it.
 */
export function loginAck(
  content: ClassicLoginContent,
  maxFrameBytes: number = LIMITS.classicFrameBytes,
): ClassicLoginAnswer {
  const base = {
    msgid: CLASSIC_MSGID.loginAck,
    errno: 0,
    id: content.user.id,
    name: classicName(content.user.name),
  } as const;
  const room = new Room(maxFrameBytes - classicFrameBytes({ ...base, friends: [], groups: [], offlinemsg: [] }));
  const { friends, groups } = fitPeople(content, room);
  const offlinemsg = fitBacklog(content.backlog, room);
  const ack: ClassicLoginAck = {
    ...base,
    ...(friends.length > 0 && { friends }),
    ...(groups.length > 0 && { groups }),
    ...(offlinemsg.length > 0 && { offlinemsg }),
  };
  return { ack, rest: content.backlog.slice(offlinemsg.length) };
}

/** The bytes that are left in a frame. */
class Room {
  #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Whether so many more bytes fit; if so they are taken. */
  take(bytes: number): boolean {
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }

  /** Whether not even the smallest element fits any more, so that long lists need not be looked through. */
  get isFull(): boolean {
    return this.#bytes < SMALLEST_ELEMENT_BYTES;
  }
}

/** `"{\"id\":1,\"name\":\"a\",\"state\":\"online\"}",`: nothing that we put into a list is shorter. */
const SMALLEST_ELEMENT_BYTES = 40;

function fitPeople(content: ClassicLoginContent, room: Room): { friends: string[]; groups: string[] } {
  const waitingFriends = content.friends.toSorted(onlineFirst);
  const friends: string[] = [];
  const groups: { text: string; readonly group: ClassicGroup }[] = [];
  const turns = Math.max(waitingFriends.length, content.groups.length);
  for (let turn = 0; turn < turns && !room.isFull; turn++) {
    const friend = waitingFriends[turn];
    if (friend !== undefined) {
      const text = friendText(friend);
      if (room.take(elementBytes(text))) friends.push(text);
    }
    const group = content.groups[turn];
    if (group !== undefined) {
      const text = groupText(group, []);
      if (room.take(elementBytes(text))) groups.push({ text, group });
    }
  }
  for (const fitted of groups) addUsers(fitted, room);
  return { friends, groups: groups.map(({ text }) => text) };
}

function addUsers(fitted: { text: string; readonly group: ClassicGroup }, room: Room): void {
  if (room.isFull || fitted.group.users.length === 0) return;
  const text = groupText(fitted.group, fitted.group.users);
  if (room.take(elementBytes(text) - elementBytes(fitted.text))) fitted.text = text;
}

/** The longest beginning of the backlog that fits: a gap in the middle would change the order. */
function fitBacklog(backlog: readonly ClassicChat[], room: Room): string[] {
  const texts: string[] = [];
  for (const chat of backlog) {
    const text = JSON.stringify(chat);
    if (!room.take(elementBytes(text))) break;
    texts.push(text);
  }
  return texts;
}

/** Bytes of a string in an array, with quotes, escapes and its comma. */
function elementBytes(text: string): number {
  return jsonBytes(text) + 1;
}

function onlineFirst(one: ClassicFriend, other: ClassicFriend): number {
  return Number(other.state === 'online') - Number(one.state === 'online');
}

function friendText(friend: ClassicFriend): string {
  return JSON.stringify({ id: friend.id, name: classicName(friend.name), state: friend.state });
}

function groupText(group: ClassicGroup, users: readonly ClassicGroupUser[]): string {
  return JSON.stringify({
    id: group.id,
    groupname: classicName(group.name),
    groupdesc: group.description.toWellFormed(),
    users: users.map((user) =>
      JSON.stringify({ id: user.id, name: classicName(user.name), state: user.state, role: user.role }),
    ),
  });
}

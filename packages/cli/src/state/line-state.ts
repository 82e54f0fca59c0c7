import type { LinkStatus } from '@parley/client';
import type { EntryEvent, StateEvent, UserRef } from '@parley/protocol';
import { type Chat, type Chats, NO_CHATS, sortChats, unreadIn, withEntry, withRead, withState } from './chats.ts';

/** The chat that typed text goes to. */
export interface OpenChat {
  /** `g7` or `d17-42`. */
  readonly conversation: string;
  readonly label: string;
}

/** What line mode knows. */
export interface LineState {
  readonly me: UserRef | undefined;
  readonly known: Chats;
  readonly open: OpenChat | undefined;
  /** What was there at the log-in has come; until then entries are backlog and are only counted. */
  readonly isSynced: boolean;
  readonly link: LinkStatus['state'];
  /** When the link was lost, in milliseconds since 1970; undefined while it is there. */
  readonly lostAtMs: number | undefined;
  /** Messages of others that came on the way back. */
  readonly missed: number;
}

export type LineEvent =
  | { readonly type: 'status'; readonly status: LinkStatus; readonly nowMs: number }
  | { readonly type: 'loggedIn'; readonly me: UserRef }
  | { readonly type: 'state'; readonly event: StateEvent }
  | { readonly type: 'entry'; readonly entry: EntryEvent }
  | { readonly type: 'synced' }
  | { readonly type: 'opened'; readonly chat: OpenChat | undefined }
  | { readonly type: 'read'; readonly conversation: string; readonly seq: number; readonly ord: number };

export const NEW_LINE_STATE: LineState = {
  me: undefined,
  known: NO_CHATS,
  open: undefined,
  isSynced: false,
  link: 'offline',
  lostAtMs: undefined,
  missed: 0,
};

/** The state after an event. Pure. */
export function reduceLine(state: LineState, event: LineEvent): LineState {
  switch (event.type) {
    case 'status':
      return withStatus(state, event.status, event.nowMs);
    case 'loggedIn':
      return { ...state, me: event.me };
    case 'state':
      return { ...state, known: withState(state.known, event.event) };
    case 'entry':
      return withLineEntry(state, event.entry);
    case 'synced':
      return { ...state, isSynced: true, lostAtMs: undefined, missed: 0 };
    case 'opened':
      return { ...state, open: event.chat };
    case 'read':
      return { ...state, known: withRead(state.known, event.conversation, event) };
  }
}

function withStatus(state: LineState, status: LinkStatus, nowMs: number): LineState {
  const isLost = status.state === 'waiting' && state.isSynced;
  return { ...state, link: status.state, lostAtMs: isLost ? (state.lostAtMs ?? nowMs) : state.lostAtMs };
}

function withLineEntry(state: LineState, entry: EntryEvent): LineState {
  const isMissed = state.lostAtMs !== undefined && entry.kind === 'message' && entry.from.id !== state.me?.id;
  return { ...state, known: withEntry(state.known, entry), missed: state.missed + (isMissed ? 1 : 0) };
}

/** The chats that the account is in, those with something unread first. */
export function currentChats({ known }: LineState): Chat[] {
  return sortChats([...known.chats.values()].filter((chat) => !chat.left));
}

/** The chats with something unread, in the order in which /next reads them. */
export function unreadChats(state: LineState): Chat[] {
  return currentChats(state).filter((chat) => unreadIn(chat) > 0);
}

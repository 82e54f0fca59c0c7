import type { GapEvent, WireEntry } from '@parley/protocol';
import { clock, entryText, gapText, indented, SHOWN_KINDS, safe } from '../entries.ts';
import { toFailure } from '../failure.ts';
import { type Chat, type Contact, labelOf, unreadIn } from '../state/chats.ts';
import { type LineState, unreadChats } from '../state/line-state.ts';
import { wrapWords } from '../text/words.ts';
import { COLON_HELP, KEYS_HELP, SLASH_COMMANDS } from './slash-commands.ts';

/** The line for an entry that came while someone watches; undefined for kinds that are not shown. */
export function entryLine(state: LineState, entry: WireEntry): string | undefined {
  if (!(SHOWN_KINDS as readonly string[]).includes(entry.kind)) return undefined;
  const isOpen = state.open?.conversation === entry.conversation;
  const place = isOpen ? '' : `[${safe(labelOf(state.known, entry.conversation))}] `;
  return place + entryText(entry, state.me, 'mentions');
}

/** The line for entries that are left out, with the chat's name in front, also when it is the open one. */
export function gapLine(state: LineState, gap: GapEvent): string {
  return gapText(gap, labelOf(state.known, gap.conversation));
}

/** What waits after the log-in. */
export function summaryLines(state: LineState): string[] {
  const chats = unreadChats(state);
  const total = chats.reduce((sum, chat) => sum + unreadIn(chat), 0);
  const requests = [...state.known.contacts.values()].filter(isRequest);
  const first =
    total === 0
      ? 'Nothing new. /help lists commands.'
      : `${count(total, 'new message')} in ${count(chats.length, 'chat')}. /next reads them, /help lists commands.`;
  return [first, ...requests.map(requestLine)];
}

/** Whether someone waits for an answer: they added this account, which has neither added nor blocked them. */
export function isRequest({ added, addedMe, blocked }: Contact): boolean {
  return addedMe && !added && !blocked;
}

/** The line for someone who waits for an answer, and how to give it. */
export function requestLine({ user }: Contact): string {
  return `${safe(user.name)} added you as a friend. /friend add ${safe(user.name)} accepts.`;
}

/** One chat in the list of chats. */
export function chatLine(chat: Chat, hasDraft: boolean): string {
  return `${safe(chat.label)}${unreadText(chat)}${hasDraft ? ', draft' : ''}`;
}

function unreadText(chat: Chat): string {
  const unread = unreadIn(chat);
  return unread === 0 ? '' : `, ${unread} new`;
}

/** The column of usages in /help, and what a terminal must have for two columns. */
const USAGE_WIDTH = 34;
const TWO_COLUMNS = 60;

/** What /help prints, broken between words. A usage too long for its column stands above what it does. */
export function helpLines(columns = Number.POSITIVE_INFINITY): string[] {
  const indent = ' '.repeat(columns < TWO_COLUMNS ? 4 : USAGE_WIDTH + 1);
  const commands = SLASH_COMMANDS.flatMap(({ usage, help }) =>
    usage.length < USAGE_WIDTH && columns >= TWO_COLUMNS
      ? wrapWords(`${usage.padEnd(USAGE_WIDTH)} ${help}`, columns, indent)
      : [...wrapWords(usage, columns, '    '), ...wrapWords(indent + help, columns, indent)],
  );
  const more = ['//TEXT sends a text that begins with a slash.', COLON_HELP, KEYS_HELP];
  return [...commands, ...more.flatMap((line) => wrapWords(line, columns, '  '))];
}

/** Why something was not done, and what to do. The words may be the server's. */
export function reasonText(error: unknown): string {
  const { message, hint } = toFailure(error);
  return indented(hint === undefined ? message : `${message} ${sentence(hint)}`);
}

/** The server's hints are words without a full stop. */
function sentence(hint: string): string {
  const [first = ''] = hint;
  return /^\p{Ll}.*[^.!?]$/u.test(hint) ? `${first.toUpperCase()}${hint.slice(first.length)}.` : hint;
}

/** On the way back after a lost link. */
export function backLine({ lostAtMs, missed }: LineState, nowMs: number): string {
  const since = lostAtMs === undefined ? '' : `connection lost ${clock(lostAtMs)} · `;
  return `${since}back ${clock(nowMs)}, ${count(missed, 'message')} missed.`;
}

/** `1 chat`, `2 chats`: English plurals that take an s, and no others. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

import { type GapEvent, nameKey, type UserRef, type WireEntry } from '@parley/protocol';
import type { JsonObject } from './output.ts';
import { sanitise } from './text/sanitise.ts';

/** Kinds that are shown; readers skip the others. */
export const SHOWN_KINDS = ['message', 'create', 'join', 'leave', 'kick', 'role'] as const;

/** The entry as a line of JSON: text exact, times in UTC. */
export function entryObject(entry: WireEntry, chat: string, me: UserRef | undefined): JsonObject {
  const { conversation, seq, kind, from, text, target, role } = entry;
  const place = { id: `${conversation}/${seq}`, chat, chat_id: conversation, seq, from };
  const self = from.id === me?.id;
  const ts = new Date(entry.time).toISOString();
  if (kind === 'message') {
    const words = text ?? '';
    return { type: 'message', ...place, text: words, mentions: mentionsIn(words), reply_to: null, self, ts };
  }
  return {
    type: kind,
    ...place,
    ...(target === undefined ? {} : { target }),
    ...(role === undefined ? {} : { role }),
    self,
    ts,
  };
}

/** The gap as a line of JSON. Both seqs are part of it; `ts` is when it was told, as a gap has no time of its own. */
export function gapObject(gap: GapEvent, chat: string): JsonObject {
  const { conversation, from, to, reason } = gap;
  return { type: 'gap', chat, chat_id: conversation, from_seq: from, to_seq: to, reason, ts: new Date().toISOString() };
}

const MENTION = /(?<![\p{L}\p{N}_])@([\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*)/gu;

/** Names behind an @, each once. */
export function mentionsIn(text: string): string[] {
  const names = [...text.matchAll(MENTION)].map((match) => (match[1] ?? '').replace(/[.-]+$/, ''));
  return [...new Set(names)];
}

/**
 * The entry as a line for people: `12:20 bob: six today`, with `mentions` also `12:20 bob, to you: six today`. Safe for a
 * terminal.
 */
export function entryText(entry: WireEntry, me: UserRef | undefined, told?: 'mentions'): string {
  const time = clock(entry.time);
  const name = (who: UserRef | undefined): string => (who?.id === me?.id ? 'you' : safe(who?.name ?? 'someone'));
  if (entry.kind === 'message') {
    const to = told === 'mentions' && isToMe(entry, me) ? ', to you' : '';
    return `${time} ${name(entry.from)}${to}: ${indented(entry.text ?? '')}`;
  }
  return `${time} ${deed(entry, name)}`;
}

function isToMe({ from, text = '' }: WireEntry, me: UserRef | undefined): boolean {
  if (me === undefined || from.id === me.id) return false;
  return mentionsIn(text).some((name) => nameKey(name) === nameKey(me.name));
}

function deed({ kind, from, target, role }: WireEntry, name: (who: UserRef | undefined) => string): string {
  switch (kind) {
    case 'create':
      return `${name(from)} made this chat`;
    case 'join':
      return `${name(from)} joined`;
    case 'leave':
      return `${name(from)} left${target === undefined ? '' : `; the group belongs to ${name(target)} now`}`;
    case 'kick':
      return `${name(from)} put ${name(target)} out`;
    case 'role':
      return `${name(from)} made ${name(target)} ${safe(role ?? 'something')}`;
    default:
      return `${name(from)}: (${safe(kind)})`;
  }
}

/** The gap as a sentence for people: what is not here, and why. Safe for a terminal. */
export function gapText(gap: GapEvent, chat: string): string {
  const number = gap.to - gap.from + 1;
  const [entries, are] = number === 1 ? ['entry', 'is'] : ['entries', 'are'];
  const place = safe(chat);
  switch (gap.reason) {
    case 'paged':
      return `${place}: ${number} earlier ${entries} ${are} not shown`;
    case 'not_member':
      return `${place}: ${number} ${entries} ${are} from a time when you were not a member`;
    case 'reset':
      return `${place}: the server has another history now; what was shown before may be gone`;
    default:
      return `${place}: ${number} ${entries} ${are} missing`;
  }
}

/** Local hours and minutes. */
export function clock(timeMs: number): string {
  const date = new Date(timeMs);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** How long ago, in the largest unit: `12m`, `3d`. */
export function ago(timeMs: number, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - timeMs) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes}m ago`;
  return minutes < 1_440 ? `${Math.floor(minutes / 60)}h ago` : `${Math.floor(minutes / 1_440)}d ago`;
}

/** A remote name on a line of ours. */
export function safe(text: string): string {
  return sanitise(text);
}

/** Further lines of a text stand below its first, so that none can pass for a line of another author. */
export function indented(text: string): string {
  return sanitise(text, { multiline: true }).replaceAll('\n', '\n      ');
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

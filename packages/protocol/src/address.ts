import { asGroupId, asUserId, type GroupId, type UserId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { nameKey } from './names.ts';

/** A group, or the conversation of two people with the lower id first: the same for every viewer. */
export type ConversationId =
  | { readonly kind: 'group'; readonly id: GroupId }
  | { readonly kind: 'direct'; readonly low: UserId; readonly high: UserId };

/** A person by name or by number. */
export type PersonAddress =
  | { readonly kind: 'userName'; readonly name: string }
  | { readonly kind: 'user'; readonly id: UserId };

/** What `to` may name. The server resolves names and people to conversations. */
export type ParsedAddress = ConversationId | PersonAddress | { readonly kind: 'groupName'; readonly name: string };

/** Canonical decimal: one spelling per number, so that addresses can be compared as strings. */
const NUMBERED = /^(?:u([1-9]\d{0,9})|g([1-9]\d{0,9})|d([1-9]\d{0,9})-([1-9]\d{0,9}))$/;
const NUMBER = /^[1-9]\d{0,9}$/;

/**
 * Parses `@name`, `#name`, `u42`, `g7` or `d17-42`; undefined (`bad_address`) for anything else: leading zeros, ids
 * beyond 31 bits, `d42-17`, `d17-17`, an empty name. Names are not checked but looked up, because names from the
 * ancestor may break today's rules.
 */
export function parseAddress(text: string): ParsedAddress | undefined {
  if (text.startsWith('@')) return text.length > 1 ? { kind: 'userName', name: text.slice(1) } : undefined;
  if (text.startsWith('#')) return text.length > 1 ? { kind: 'groupName', name: text.slice(1) } : undefined;
  const match = NUMBERED.exec(text);
  if (match === null) return undefined;
  const [, user, group, low, high] = match;
  if (user !== undefined) return userAddress(Number(user));
  if (group !== undefined) return groupConversation(Number(group));
  return directConversation(Number(low), Number(high));
}

/** Parses `g7` or `d17-42`; undefined for anything else. */
export function parseConversation(text: string): ConversationId | undefined {
  const address = parseAddress(text);
  return address?.kind === 'group' || address?.kind === 'direct' ? address : undefined;
}

/**
 * Parses a person: `@name`, `name`, `u42`, `42` or the number 42. A bare `u42` is always the number: the person of
 * that name is `@u42`. A bare number is never a name, since names are not digits only.
 */
export function parsePerson(value: string | number): PersonAddress | undefined {
  if (typeof value === 'number') return userAddress(value);
  if (NUMBER.test(value)) return userAddress(Number(value));
  const address = parseAddress(value);
  if (address?.kind === 'userName' || address?.kind === 'user') return address;
  return value === '' || value === '@' || value.startsWith('#') ? undefined : { kind: 'userName', name: value };
}

/** The same for addresses that differ only in how a name is written. [NAME-1] */
export function addressKey(address: string): string {
  return /^[@#]/.test(address) ? address.slice(0, 1) + nameKey(address.slice(1)) : address;
}

/** Writes `g7` or `d17-42`. */
export function formatConversation(conversation: ConversationId): string {
  return conversation.kind === 'group' ? `g${conversation.id}` : `d${conversation.low}-${conversation.high}`;
}

/** The conversation of two people, named in any order; undefined when they are one. */
export function directBetween(one: UserId, other: UserId): ConversationId | undefined {
  return directConversation(Math.min(one, other), Math.max(one, other));
}

function userAddress(number: number): PersonAddress | undefined {
  const id = asUserId(number);
  return id === undefined ? undefined : { kind: 'user', id };
}

function groupConversation(number: number): ConversationId | undefined {
  const id = asGroupId(number);
  return id === undefined ? undefined : { kind: 'group', id };
}

function directConversation(lower: number, higher: number): ConversationId | undefined {
  const low = asUserId(lower);
  const high = asUserId(higher);
  if (low === undefined || high === undefined || low >= high) return undefined;
  return { kind: 'direct', low, high };
}

/**
 * Whether a text is longer than any spelling of a name, with or without its sign: nobody is meant by it. The server
 * need not fold it (a millisecond for a whole frame), a client need not send it (it may not fit into a frame).
 */
export function isLongerThanNames(text: string): boolean {
  return text.length > LIMITS.spelledNameUnits;
}

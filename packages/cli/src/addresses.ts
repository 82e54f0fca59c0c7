import type { ChatClient } from '@parley/client';
import {
  asUserId,
  directBetween,
  formatConversation,
  isLongerThanNames,
  parseAddress,
  parsePerson,
} from '@parley/protocol';
import { usageFailure } from './failure.ts';

const NUMBER = /^[1-9]\d*$/;

/**
 * A place to write to as the server reads it: `@bob`, `#lunch`, `u42`, `g7`, `d17-42`; the ancestor's numbers `@42`
 * and `42` become `u42`, `#7` becomes `g7`. Throws a Failure (2) for anything else, a bare name included.
 */
export function toWhere(text: string): string {
  refuseLong(text);
  const numbered = /^([@#]?)(\d+)$/.exec(text);
  const address = numbered === null ? text : `${numbered[1] === '#' ? 'g' : 'u'}${numbered[2]}`;
  if (parseAddress(address) !== undefined) return address;
  if (numbered !== null) throw usageFailure(`${text} is no number of a person or group.`);
  throw usageFailure(`${text} is no address.`, `Write @${text} for a person, #${text} for a group.`);
}

/** A person as the server reads one: `@bob`, `bob`, `u42`, `42`. Throws a Failure (2). */
export function toPerson(text: string): string {
  refuseLong(text);
  const digits = /^@?(\d+)$/.exec(text)?.[1];
  const person = parsePerson(digits ?? text);
  const isPerson = digits === undefined ? person !== undefined : person?.kind === 'user';
  if (!isPerson) throw usageFailure(`${text} is no person.`, 'Write @bob, bob or 42.');
  return digits ?? text;
}

/** A group as the server reads one: `#lunch`, `g7`, `lunch`, `#7`, `7`. Throws a Failure (2). */
export function toGroup(text: string): string {
  refuseLong(text);
  const number = text.startsWith('#') ? text.slice(1) : text;
  const group = NUMBER.test(number) ? `g${number}` : /^(#|g[1-9]\d*$)/.test(text) ? text : `#${text}`;
  const kind = parseAddress(group)?.kind;
  if (kind !== 'group' && kind !== 'groupName')
    throw usageFailure(`${text} is no group.`, 'Write #lunch, lunch or #7.');
  return group;
}

function refuseLong(text: string): void {
  if (isLongerThanNames(text)) {
    throw usageFailure(`${Array.from(text).slice(0, 20).join('')}… is longer than any name.`);
  }
}

/** A conversation, with the name under which it is shown. */
export interface Place {
  /** `g7` or `d17-42`. */
  readonly conversation: string;
  /** `#lunch` or `@bob`. */
  readonly label: string;
}

/** Finds the conversation that an address means. Throws what the server answers. */
export async function findPlace(client: ChatClient, where: string): Promise<Place> {
  const address = parseAddress(where);
  if (address?.kind === 'group' || address?.kind === 'direct') return { conversation: where, label: where };
  if (address?.kind === 'groupName') {
    // The newest entry tells the group's number; a group has one entry at least, its making.
    const { entries } = await client.request('history', { conversation: where, limit: 1 });
    return { conversation: entries[0]?.conversation ?? where, label: where };
  }
  const { user } = await client.request('whois', { user: where });
  const [me, other] = [asUserId(client.user?.id), asUserId(user.id)];
  const between = me === undefined || other === undefined ? undefined : directBetween(me, other);
  if (between === undefined) throw usageFailure('There is no chat with yourself.');
  return { conversation: formatConversation(between), label: `@${user.name}` };
}

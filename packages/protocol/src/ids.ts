/** A person's number: 1 to 2^31 - 1, never used again. The ancestor's ids are kept. */
export type UserId = number & { readonly __brand: 'UserId' };

/** A group's number: 1 to 2^31 - 1, from a counter of its own. */
export type GroupId = number & { readonly __brand: 'GroupId' };

/** The place of an entry in its conversation: 1, 2, 3 … without holes; 0 stands before the first. */
export type Seq = number & { readonly __brand: 'Seq' };

/** How many messages a conversation has up to an entry; 0 before the first. Differences count unread messages. */
export type Ord = number & { readonly __brand: 'Ord' };

/** The random 32-bit number of an entry, unsigned. Tells two histories with equal seqs apart. */
export type Tag = number & { readonly __brand: 'Tag' };

/** The ancestor keeps ids in a C++ int. */
const MAX_ID = 0x7fff_ffff;
const MAX_TAG = 0xffff_ffff;

/** The value as a user id; undefined when it is not an integer from 1 to 2^31 - 1. */
export function asUserId(value: unknown): UserId | undefined {
  return isIntegerWithin(value, 1, MAX_ID) ? (value as UserId) : undefined;
}

/** The value as a group id; undefined when it is not an integer from 1 to 2^31 - 1. */
export function asGroupId(value: unknown): GroupId | undefined {
  return isIntegerWithin(value, 1, MAX_ID) ? (value as GroupId) : undefined;
}

/** The value as a place in a conversation, 0 included; undefined when it is not a safe integer. */
export function asSeq(value: unknown): Seq | undefined {
  return isIntegerWithin(value, 0, Number.MAX_SAFE_INTEGER) ? (value as Seq) : undefined;
}

/** The value as a count of messages, 0 included; undefined when it is not a safe integer. */
export function asOrd(value: unknown): Ord | undefined {
  return isIntegerWithin(value, 0, Number.MAX_SAFE_INTEGER) ? (value as Ord) : undefined;
}

/** The value as a tag; undefined when it is not an integer from 0 to 2^32 - 1. */
export function asTag(value: unknown): Tag | undefined {
  return isIntegerWithin(value, 0, MAX_TAG) ? (value as Tag) : undefined;
}

/** -0 is refused: it would be written as 0 and then compare unequal by Object.is. */
function isIntegerWithin(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max && !Object.is(value, -0);
}

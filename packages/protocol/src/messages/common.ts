import Type from 'typebox';

/** A request's own number, made by the client; the reply names it in `re`. Repeats are not an error. */
export const RequestId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** `@name`, `#name`, `u42`, `g7` or `d17-42`; parsed by address.ts, which gives the precise refusal. */
export const Address = Type.String();

/** A conversation as every viewer writes it: `g7`, or `d17-42` with the lower user id first. */
export const ConversationAddress = Type.String();

/** A person: `@name`, `name`, `u42`, `42`. */
export const Person = Type.Union([Type.String(), Type.Integer()]);

/** Made by the client, unique for ever with conversation and author; checked by client-id.ts. */
export const ClientId = Type.String();

/** A position in a conversation's log; 0 stands before the first entry. */
export const SeqNumber = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The random 32-bit number of an entry, which tells two histories with equal numbers apart. */
export const TagNumber = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });

/** A user as the server names one. */
export const UserRef = Type.Object({ id: Type.Integer(), name: Type.String() });
export type UserRef = Type.Static<typeof UserRef>;

/** What a member may do: owner over admin over member. */
export const MemberRole = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')]);
export type MemberRole = Type.Static<typeof MemberRole>;

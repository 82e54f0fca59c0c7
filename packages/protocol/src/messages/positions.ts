import Type from 'typebox';
import { Address, RequestId, SeqNumber } from './common.ts';

/** Moves the account's read position forward to `seq`; a lower one changes nothing. */
export const readRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('read'),
  conversation: Address,
  seq: SeqNumber,
});
/** The same for the delivered position; reading implies it. */
export const deliveredRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('delivered'),
  conversation: Address,
  seq: SeqNumber,
});

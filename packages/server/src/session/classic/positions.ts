import type { Seq } from '@parley/protocol';
import type { ConversationId } from '../../chat/ports/index.ts';

/**
 * How far a classic session was sent, until there is a sign that it has received it: its next frame, or an orderly
 * end. Only then the account's position moves. [CLASSIC-3] (C69)
 */
export class SentPositions {
  #sent = new Map<ConversationId, Seq>();

  sent(conversation: ConversationId, seq: Seq): void {
    this.#sent.set(conversation, seq);
  }

  /** Takes what was sent and not yet taken. */
  take(): ReadonlyMap<ConversationId, Seq> {
    const sent = this.#sent;
    if (sent.size > 0) this.#sent = new Map();
    return sent;
  }
}

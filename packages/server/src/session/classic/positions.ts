import type { Seq } from '@parley/protocol';
import type { ConversationId } from '../../chat/ports/index.ts';

interface Reached {
  readonly conversation: ConversationId;
  sent: number;
  /** The part of it of whose receipt there was a sign; 0: none that was not taken. */
  received: number;
}

/**
 * How far a classic session was sent, until there is a sign that it has received it: its next frame, or an orderly
 * end. Only then the account's position moves. [CLASSIC-3] (C69)
 */
export class SentPositions {
  readonly #reached = new Map<ConversationId, Reached>();
  /** Those of which more was sent than received. */
  readonly #open: Reached[] = [];

  sent(conversation: ConversationId, seq: Seq): void {
    let reached = this.#reached.get(conversation);
    if (reached === undefined) {
      reached = { conversation, sent: 0, received: 0 };
      this.#reached.set(conversation, reached);
    }
    if (reached.sent === reached.received) this.#open.push(reached);
    reached.sent = seq;
  }

  /** All that was sent has been received. Called for each frame of the peer. */
  received(): void {
    for (let reached = this.#open.pop(); reached !== undefined; reached = this.#open.pop()) {
      reached.received = reached.sent;
    }
  }

  /** Takes what was received and not yet taken. */
  take(): [ConversationId, Seq][] {
    const taken: [ConversationId, Seq][] = [];
    for (const reached of this.#reached.values()) {
      if (reached.received > 0) taken.push([reached.conversation, reached.received as Seq]);
      if (reached.received === reached.sent) this.#reached.delete(reached.conversation);
      else reached.received = 0;
    }
    return taken;
  }
}

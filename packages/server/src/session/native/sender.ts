import type { RequestOf } from '@parley/protocol/validate';
import type { Identity } from '../../chat/accounts.ts';
import { ChatError } from '../../chat/chat-error.ts';
import type { Conversation } from '../../chat/ports/index.ts';
import { receiptFrame } from '../frames.ts';
import { LastAddressed } from '../last-addressed.ts';
import type { SessionDeps } from '../session-deps.ts';
import type { Answers } from './answers.ts';

type Send = RequestOf<'send'>;

/**
 * Takes one session's sends to the log in their order. When the conversation is known there is no promise on the
 * way; while one is being looked up, later sends queue behind it, whatever their conversation. [ORDER-2]
 */
export class Sender {
  readonly #deps: SessionDeps;
  readonly #answers: Answers;
  readonly #connection: number;
  readonly #lastAddressed = new LastAddressed();
  #isClosed = false;
  /** Sends whose conversation is being looked up. */
  #turn: Promise<void> | undefined;

  constructor(deps: SessionDeps, answers: Answers, connection: number) {
    this.#deps = deps;
    this.#connection = connection;
    this.#answers = answers;
  }

  send(request: Send, me: Identity): void {
    const { sending, directory } = this.#deps.chat;
    const refusal = sending.refusal(request);
    if (refusal !== undefined) {
      this.#answers.refuse(request.id, refusal);
      return;
    }
    this.#answers.taken();
    const known = this.#turn === undefined ? this.#lastAddressed.known(directory, me.user, request.to) : undefined;
    if (known === undefined) this.#sendInTurn(request, me);
    else this.#appendSafely(request, known, me);
  }

  /** Sends that are still waiting for their conversation are dropped. */
  close(): void {
    this.#isClosed = true;
  }

  #appendSafely(request: Send, conversation: Conversation, author: Identity): void {
    try {
      this.#append(request, conversation, author);
    } catch (error) {
      this.#answers.fail(request.id, error);
    }
  }

  #append({ id, text, clientId, after }: Send, conversation: Conversation, author: Identity): void {
    this.#deps.chat.sending.send({ author, conversation, text, clientId, after }, (result) => {
      if (result.state === 'committed') {
        const message = `${conversation.address}/${result.seq}`;
        this.#deps.log.debug({ connection: this.#connection, user: author.user, message }, 'message stored');
        this.#answers.settle(receiptFrame(id, conversation, result));
      } else this.#answers.fail(id, new ChatError(result.state === 'refused' ? result.code : 'cancelled'));
    });
  }

  #sendInTurn(request: Send, me: Identity): void {
    const turn = this.#resolveAndAppend(request, me, this.#turn).finally(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
    this.#turn = turn;
  }

  async #resolveAndAppend(request: Send, me: Identity, before: Promise<void> | undefined): Promise<void> {
    try {
      await before;
      const conversation = await this.#deps.chat.directory.conversation(me.user, request.to, { open: true });
      if (conversation === undefined) throw new ChatError('no_such_conversation');
      // The device may have been revoked meanwhile, and nobody waits for the answer any more. [IDENT-3]
      if (!this.#isClosed) this.#append(request, conversation, me);
    } catch (error) {
      this.#answers.fail(request.id, error);
    }
  }
}

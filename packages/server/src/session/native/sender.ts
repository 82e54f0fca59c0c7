import type { ErrorCode } from '@parley/protocol';
import type { RequestOf } from '@parley/protocol/validate';
import type { Identity } from '../../chat/accounts.ts';
import { ChatError } from '../../chat/chat-error.ts';
import type { AppendResult, Conversation } from '../../chat/ports/index.ts';
import type { SessionDeps } from '../session-deps.ts';

/** What a sender tells its session. */
export interface SenderAnswers {
  /** A send was taken; one of the next two follows, once. */
  taken(): void;
  appended(id: number, conversation: Conversation, result: AppendResult): void;
  failed(id: number, error: unknown): void;
  /** Refused before it was taken. */
  refused(id: number, code: ErrorCode): void;
}

type Send = RequestOf<'send'>;

/**
 * Takes one session's sends to the log in their order. When the conversation is known there is no promise on the
 * way; while one is being looked up, later sends queue behind it, whatever their conversation. [ORDER-2]
 */
export class Sender {
  readonly #deps: SessionDeps;
  readonly #answers: SenderAnswers;
  #turn: Promise<void> | undefined;

  constructor(deps: SessionDeps, answers: SenderAnswers) {
    this.#deps = deps;
    this.#answers = answers;
  }

  send(request: Send, me: Identity): void {
    const { sending, directory } = this.#deps.chat;
    const refusal = sending.refusal(request);
    if (refusal !== undefined) {
      this.#answers.refused(request.id, refusal);
      return;
    }
    this.#answers.taken();
    const known = this.#turn === undefined ? directory.known(me.user, request.to) : undefined;
    if (known === undefined) this.#sendInTurn(request, me);
    else this.#append(request, known, me);
  }

  #append({ id, text, clientId, after }: Send, conversation: Conversation, author: Identity): void {
    this.#deps.chat.sending.send({ author, conversation, text, clientId, after }, (result) => {
      this.#answers.appended(id, conversation, result);
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
      this.#append(request, conversation, me);
    } catch (error) {
      this.#answers.failed(request.id, error);
    }
  }
}

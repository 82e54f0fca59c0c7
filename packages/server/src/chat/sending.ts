import { checkClientId, checkText, type ErrorCode, type MemberRole, type UserId } from '@parley/protocol';
import { ChatError } from './chat-error.ts';
import type { AppendRequest, AppendResult, Conversation, Store } from './ports/index.ts';
import { requestHash } from './request-hash.ts';

/** The part of delivery that sending needs. */
export interface AppendDoor {
  append(request: AppendRequest, settled: (result: AppendResult) => void): void;
  isPending(conversation: Conversation['id'], author: UserId, clientId: string): boolean;
}

/** Who appends, by the session. [IDENT-1] */
export interface Author {
  readonly user: UserId;
  readonly name: string;
}

/** What a member asks to append, apart from a message. */
export interface Change {
  readonly kind: Exclude<AppendRequest['kind'], 'message'>;
  readonly clientId: string;
  readonly target?: UserId;
  readonly role?: MemberRole;
}

/** What became of a client id. */
export type Outcome = AppendResult | { readonly state: 'pending' | 'unknown' };

/** Hands what users want appended to the log. Form is checked here; permission, where it is stored. */
export class Sending {
  readonly #store: Pick<Store, 'findOutcome'>;
  readonly #door: AppendDoor;

  constructor(store: Pick<Store, 'findOutcome'>, door: AppendDoor) {
    this.#store = store;
    this.#door = door;
  }

  /** Why a message cannot be taken, or undefined. Synchronous: the hot path. */
  refusal(message: { text: string; clientId: string; after?: string | undefined }): ErrorCode | undefined {
    const text = checkText(message.text);
    if (!text.ok) return text.code;
    if (!checkClientId(message.clientId).ok) return 'bad_client_id';
    if (message.after !== undefined && !checkClientId(message.after).ok) return 'bad_client_id';
    return undefined;
  }

  /** Appends a message whose form was checked by `refusal`. Synchronous: `settled` is called after the commit. */
  send(message: Message, settled: (result: AppendResult) => void): void {
    const { author, conversation, text, clientId, after } = message;
    const request: AppendRequest = {
      conversation: conversation.id,
      author: author.user,
      authorName: author.name,
      clientId,
      hash: requestHash({ kind: 'message', text, target: null, role: null }),
      after: after ?? null,
      kind: 'message',
      text,
      target: null,
      role: null,
    };
    this.#door.append(request, settled);
  }

  /** Appends something else: a join, a kick, a cancellation. @throws ChatError bad_client_id */
  change(author: Author, conversation: Conversation, change: Change): Promise<AppendResult> {
    if (!checkClientId(change.clientId).ok) throw new ChatError('bad_client_id');
    const content = { kind: change.kind, text: null, target: change.target ?? null, role: change.role ?? null };
    const request: AppendRequest = {
      conversation: conversation.id,
      author: author.user,
      authorName: author.name,
      clientId: change.clientId,
      hash: requestHash(content),
      after: null,
      ...content,
    };
    return new Promise((resolve) => this.#door.append(request, resolve));
  }

  /** What became of an author's own client id. Whoever asks learns of nobody else's. [SEND-4] */
  async outcome(author: Author, conversation: Conversation, clientId: string): Promise<Outcome> {
    if (!checkClientId(clientId).ok) throw new ChatError('bad_client_id');
    // Asked first whether it waits: what leaves the queue in between is found in the store.
    const isPending = this.#door.isPending(conversation.id, author.user, clientId);
    const found = await this.#store.findOutcome(conversation.id, author.user, clientId);
    return found ?? { state: isPending ? 'pending' : 'unknown' };
  }
}

/** A message on its way to the log. */
export interface Message {
  readonly author: Author;
  readonly conversation: Conversation;
  readonly text: string;
  readonly clientId: string;
  readonly after: string | undefined;
}

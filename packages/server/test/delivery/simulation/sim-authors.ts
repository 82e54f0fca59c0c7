import type { UserId } from '@parley/protocol';
import type { SeededRandom } from '@parley/testkit';
import type { AppendRequest, AppendResult, Conversation, ConversationId } from '../../../src/chat/ports/index.ts';
import { requestHash } from '../../../src/chat/request-hash.ts';
import type { SimDatabase } from './sim-database.ts';

type Content = Pick<AppendRequest, 'kind' | 'text' | 'target' | 'role'>;

interface Sent {
  readonly request: AppendRequest;
  /** One for each copy; undefined: no answer yet, or never. */
  readonly answers: (AppendResult | undefined)[];
}

/** All that was sent, and whether it was answered rightly. [SEND-1] [SEND-2] [SEND-3] [SEND-4] [ORDER-2] */
export class SimAuthors {
  readonly complaints: string[] = [];
  readonly #database: SimDatabase;
  readonly #random: SeededRandom;
  readonly #sent: Sent[] = [];
  /** The author's last message to a conversation that was not refused. */
  readonly #chains = new Map<string, string>();
  /** The highest entry of each conversation that somebody was told of. */
  readonly #heads = new Map<ConversationId, number>();
  #nextId = 1;

  constructor(database: SimDatabase, random: SeededRandom) {
    this.#database = database;
    this.#random = random;
  }

  message(conversation: Conversation, author: UserId): AppendRequest {
    const key = `${author}:${conversation.id}`;
    const after = this.#chains.get(key) ?? null;
    const text = `text ${this.#nextId}`;
    const request = this.#request(conversation.id, author, { kind: 'message', text, target: null, role: null });
    this.#chains.set(key, request.clientId);
    return { ...request, after };
  }

  membership(conversation: Conversation, author: UserId, content: Omit<Content, 'text'>): AppendRequest {
    return this.#request(conversation.id, author, { ...content, text: null });
  }

  /** Something that was sent before: as it was, with another content, or its cancellation. */
  again(): AppendRequest | undefined {
    const request = this.#random.pick(this.#sent.slice(-20))?.request;
    const choice = this.#random.below(4);
    if (request === undefined || choice < 2) return request;
    const content = { text: choice === 2 ? 'another text' : null, target: null, role: null };
    const kind = choice === 2 ? ('message' as const) : ('cancel' as const);
    return { ...request, ...content, kind, hash: requestHash({ ...content, kind }), after: null };
  }

  /** Notes that a copy goes out; the answer is to be given to the function returned. */
  sending(request: AppendRequest): (result: AppendResult) => void {
    const sent: Sent = { request, answers: [undefined] };
    this.#sent.push(sent);
    return (result) => {
      if (sent.answers[0] !== undefined) this.complaints.push(`${request.clientId} was answered twice`);
      sent.answers[0] = result;
      this.#judgeAnswer(request, result);
    };
  }

  /** The database was restored: what was promised of the other history holds no more. */
  forget(): void {
    this.#sent.length = 0;
    this.#heads.clear();
  }

  acknowledgedHead(conversation: ConversationId): number {
    return this.#heads.get(conversation) ?? 0;
  }

  judgeRest(): string[] {
    const byId = Map.groupBy(this.#sent, ({ request }) => keyOf(request));
    const stored = [...byId.values()].filter((copies) => copies.every(isRefused) && this.#find(copies[0]?.request));
    const wrong = stored.map((copies) => `${copies[0]?.request.clientId} was refused and is stored`);
    return [...this.complaints, ...wrong, ...this.#judgeChains()];
  }

  #judgeAnswer(request: AppendRequest, result: AppendResult): void {
    const { clientId, conversation } = request;
    if (result.state !== 'refused') {
      this.#heads.set(conversation, Math.max(result.seq, this.acknowledgedHead(conversation)));
    }
    const stored = this.#find(request);
    if (result.state === 'refused') {
      const key = `${request.author}:${request.conversation}`;
      if (this.#chains.get(key) === clientId) this.#chains.delete(key);
      const isLie = result.code === 'id_conflict' && (stored === undefined || stored.text === request.text);
      if (isLie) this.complaints.push(`${clientId} has no conflict`);
    } else if (stored?.seq !== result.seq || stored.tag !== result.tag) {
      this.complaints.push(`${clientId} was acknowledged as ${result.seq} and is not there`);
    } else if (result.state === 'cancelled' ? stored.kind !== 'cancel' : !isSame(stored, request)) {
      this.complaints.push(`${clientId} is ${stored.kind} ${stored.text}, but was told to be ${result.state}`);
    }
  }

  #judgeChains(): string[] {
    return this.#sent.flatMap(({ request, answers }) => {
      const answer = answers[0];
      if (request.after === null || answer?.state !== 'committed' || !answer.fresh) return [];
      const before = this.#find({ ...request, clientId: request.after });
      return before !== undefined && before.seq < answer.seq ? [] : [`${request.clientId} passed ${request.after}`];
    });
  }

  #find(request: Pick<AppendRequest, 'conversation' | 'author' | 'clientId'> | undefined) {
    if (request === undefined) return undefined;
    const { conversation, author, clientId } = request;
    const entries = this.#database.entries(conversation);
    return entries.find((entry) => entry.author === author && entry.clientId === clientId);
  }

  #request(conversation: ConversationId, author: UserId, content: Content): AppendRequest {
    const clientId = `c${this.#nextId}`;
    this.#nextId += 1;
    const who = { author, authorName: `user${author}` };
    return { conversation, ...who, clientId, hash: requestHash(content), after: null, ...content };
  }
}

function keyOf({ conversation, author, clientId }: AppendRequest): string {
  return `${conversation}:${author}:${clientId}`;
}

function isRefused({ answers }: Sent): boolean {
  return answers[0]?.state === 'refused';
}

function isSame(stored: { kind: string; text: string | null }, request: AppendRequest): boolean {
  return request.kind === 'cancel' || (stored.kind === request.kind && stored.text === request.text);
}

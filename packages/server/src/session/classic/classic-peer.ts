import {
  type ClassicChat,
  type CloseReason,
  groupChatFrames,
  loginAck,
  oneChatFrames,
  type UserId,
} from '@parley/protocol';
import type { Identity } from '../../chat/accounts.ts';
import { type Conversation, type Entry, NO_DEVICE, type StatePage, type StateRow } from '../../chat/ports/index.ts';
import type { Peer } from '../../delivery/peer.ts';
import type { Link } from '../link.ts';
import type { SessionDeps } from '../session-deps.ts';
import { loginContent } from './login-content.ts';
import { ClassicOutbox, type Mark, outgoing } from './outbox.ts';

/** Frames of the backlog that are gathered for the log-in answer; the rest comes when it has been sent. */
const GATHERED = 32;

type Phase = 'gathering' | 'answering' | 'open' | 'ended';

/** What the connection's session does when delivery wants the log-in to end. */
type OnClose = (reason: CloseReason) => void;

/**
 * One classic log-in as delivery sees it. What waits for the account is gathered first, because as much of it as
 * fits travels in the log-in answer; the rest, and all that is said later, follows one frame a write, with a pause
 * between. [CLASSIC-1] [CLASSIC-4]
 */
export class ClassicPeer implements Peer {
  readonly device = NO_DEVICE;
  readonly #me: Identity;
  readonly #deps: SessionDeps;
  readonly #onClose: OnClose;
  readonly #outbox: ClassicOutbox;
  #phase: Phase = 'gathering';
  #rows: StateRow[] = [];
  #backlog: Waiting[] = [];
  /** What to tell delivery when the answer has been sent. */
  #drained: (() => void) | undefined;

  constructor(me: Identity, { link, deps, onClose }: { link: Link; deps: SessionDeps; onClose: OnClose }) {
    this.#me = me;
    this.#deps = deps;
    this.#onClose = onClose;
    const pace = { clock: deps.clock, paceMs: deps.settings.classicPaceMs };
    this.#outbox = new ClassicOutbox(link, pace, () => this.#drained?.());
  }

  get user(): UserId {
    return this.#me.user;
  }

  /** Sets whom to tell that more may be handed over. */
  onDrained(drained: () => void): void {
    this.#drained = drained;
  }

  state(page: StatePage): boolean {
    if (this.#phase === 'gathering') this.#rows.push(...page.rows);
    return true;
  }

  entry(entry: Entry, conversation: Conversation): boolean {
    if (this.#phase === 'ended') return false;
    const waiting = {
      chats: this.#framesOf(entry, conversation),
      mark: { conversation: conversation.id, seq: entry.seq },
    };
    if (this.#phase === 'open') return this.#send(waiting);
    this.#backlog.push(waiting);
    if (this.#phase === 'gathering' && this.#backlog.length >= GATHERED) this.#answer();
    return this.#phase === 'gathering';
  }

  /** The dialect has no word for it. */
  gap(): boolean {
    return true;
  }

  synced(): void {
    this.#answer();
  }

  close(reason: CloseReason): void {
    this.#onClose(reason);
  }

  /** Nothing more is handed over: what waits belongs to this log-in alone. (C26) */
  end(): void {
    this.#phase = 'ended';
    this.#outbox.close();
    this.storeReceived();
  }

  /** A sign that what was sent has been received, as far as it has left. */
  received(): void {
    this.#outbox.received();
  }

  /**
   * Moves the account's position over what has been received. Now and then and at the end: each transaction would
   * hold up messages, and what a crash loses comes again, which it may.
   */
  storeReceived(): void {
    for (const [conversation, to] of this.#outbox.takeReceived()) {
      const move = { user: this.user, conversation, which: 'classic', to } as const;
      this.#deps.delivery.movePosition(move).catch((error: unknown) => this.#deps.registry.explain(error));
    }
  }

  /** Its own words and what is no message are not sent to a classic client. */
  #framesOf(entry: Entry, conversation: Conversation): readonly ClassicChat[] {
    if (entry.kind !== 'message' || entry.text === null || entry.author === this.user) return [];
    const message = {
      from: { id: entry.author, name: entry.authorName },
      text: entry.text,
      timeMs: entry.time,
    };
    return conversation.kind === 'group'
      ? groupChatFrames(message, conversation.group)
      : oneChatFrames(message, this.user);
  }

  #send({ chats, mark }: Waiting): boolean {
    let hasRoom = true;
    for (const part of outgoing(chats, mark)) hasRoom = this.#outbox.send(part);
    return hasRoom;
  }

  #answer(): void {
    if (this.#phase !== 'gathering') return;
    this.#phase = 'answering';
    this.#sendAnswer().catch((error: unknown) => {
      this.#deps.registry.explain(error);
      this.#onClose('internal');
    });
  }

  async #sendAnswer(): Promise<void> {
    const deps = this.#deps;
    const content = await loginContent(this.#me, this.#rows, deps);
    if (this.#phase !== 'answering') return;
    // Entries that came meanwhile stand at the end of the same list.
    const backlog = this.#backlog;
    const limit = deps.settings.classicFullAnswers ? Number.POSITIVE_INFINITY : undefined;
    const { ack } = loginAck({ ...content, backlog: backlog.flatMap(({ chats }) => chats) }, limit);
    this.#rows = [];
    this.#backlog = [];
    this.#phase = 'open';
    const { whole, others } = divide(backlog, ack.offlinemsg?.length ?? 0);
    let hasRoom = this.#outbox.send({ frame: ack, marks: whole });
    for (const waiting of others) hasRoom = this.#send(waiting);
    if (hasRoom) this.#drained?.();
  }
}

/** An entry, as the chats that tell it. */
interface Waiting {
  readonly chats: readonly ClassicChat[];
  readonly mark: Mark;
}

/** Which entries of a backlog are told whole by its first `count` chats, and what is left of the others. */
function divide(backlog: readonly Waiting[], count: number): { whole: Mark[]; others: Waiting[] } {
  let left = count;
  const whole: Mark[] = [];
  const others: Waiting[] = [];
  for (const { chats, mark } of backlog) {
    if (others.length === 0 && chats.length <= left) whole.push(mark);
    else others.push({ chats: chats.slice(left), mark });
    left = Math.max(0, left - chats.length);
  }
  return { whole, others };
}

import {
  type ClassicChat,
  type CloseReason,
  encodeClassicFrame,
  groupChatFrames,
  loginAck,
  oneChatFrames,
  type UserId,
} from '@parley/protocol';
import { type Identity, NO_DEVICE } from '../../chat/accounts.ts';
import type { Conversation, Entry, StatePage, StateRow } from '../../chat/ports/index.ts';
import type { Peer } from '../../delivery/peer.ts';
import type { Link } from '../link.ts';
import type { SessionDeps } from '../session-deps.ts';
import { loginContent } from './login-content.ts';
import { SentPositions } from './positions.ts';

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
  readonly #link: Link;
  readonly #deps: SessionDeps;
  readonly #onClose: OnClose;
  readonly #positions = new SentPositions();
  #phase: Phase = 'gathering';
  #rows: StateRow[] = [];
  #backlog: ClassicChat[] = [];
  /** What to tell delivery when the answer has been sent. */
  #drained: (() => void) | undefined;

  constructor(me: Identity, { link, deps, onClose }: { link: Link; deps: SessionDeps; onClose: OnClose }) {
    this.#me = me;
    this.#link = link;
    this.#deps = deps;
    this.#onClose = onClose;
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
    this.#positions.sent(conversation.id, entry.seq);
    const frames = this.#framesOf(entry, conversation);
    if (this.#phase === 'open') return this.#send(frames);
    this.#backlog.push(...frames);
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

  end(): void {
    this.#phase = 'ended';
  }

  /** A sign that what was sent has been received, as far as all of it has left: the account's position moves. */
  received(): void {
    if (this.#phase === 'gathering' || this.#phase === 'answering' || !this.#link.isFlushed) return;
    for (const [conversation, to] of this.#positions.take()) {
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

  #send(frames: readonly ClassicChat[]): boolean {
    let hasRoom = true;
    for (const frame of frames) {
      hasRoom = this.#link.writePaced(encodeClassicFrame(frame), this.#deps.settings.classicPaceMs);
    }
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
    const content = await loginContent(this.#me, this.#rows, { deps, backlog: this.#backlog });
    if (this.#phase !== 'answering') return;
    // Entries that came meanwhile stand at the end of the same list.
    const { ack, rest } = loginAck(
      { ...content, backlog: this.#backlog },
      deps.settings.classicFullAnswers ? Number.POSITIVE_INFINITY : undefined,
    );
    this.#rows = [];
    this.#backlog = [];
    this.#phase = 'open';
    this.#link.writePaced(encodeClassicFrame(ack), deps.settings.classicPaceMs);
    if (this.#send(rest)) this.#drained?.();
  }
}

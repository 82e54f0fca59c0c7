import type { AppendReply, OutcomeReply, Seq, SyncCursor, Tag, UserId } from '@parley/protocol';
import { type DeviceCursor, type Gap, type Peer, requestHash, type SessionSync } from '@parley/server/delivery';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  Cursor,
  DeviceId,
  Entry,
  StatePage,
} from '@parley/server/ports';
import type { OpenCall, Recorder } from './recorder.ts';
import type { SimNode } from './sim-node.ts';

/** What a device asks. */
export type Up =
  | { readonly op: 'sync'; readonly cursors: readonly SyncCursor[]; readonly state: StatePage['version'] | undefined }
  | { readonly op: 'append'; readonly conversation: Conversation; readonly content: Content; readonly call: OpenCall }
  | { readonly op: 'read'; readonly conversation: Conversation; readonly to: Seq; readonly call: OpenCall }
  | { readonly op: 'drained' }
  | { readonly op: 'end' };

/** What is to be appended. */
export type Content = Pick<AppendRequest, 'kind' | 'clientId' | 'after' | 'text' | 'target' | 'role'>;

/** What a session is sent. */
export type Down =
  | { readonly ev: 'entry'; readonly entry: Entry; readonly conversation: Conversation }
  | { readonly ev: 'gap'; readonly gap: Gap; readonly conversation: Conversation }
  | { readonly ev: 'state'; readonly page: StatePage }
  | { readonly ev: 'stored'; readonly clientId: string; readonly reply: AppendReply; readonly kind: Content['kind'] }
  | { readonly ev: 'cancelled'; readonly clientId: string; readonly outcome: OutcomeReply }
  | { readonly ev: 'refused'; readonly clientId: string; readonly code: string }
  | { readonly ev: 'synced' }
  | { readonly ev: 'close' };

/** A session on its node: frames in, frames out, nothing else. Frames wait in both directions until the world moves them. */
export class ServerSession implements Peer {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly number: number;
  readonly node: SimNode;
  readonly up: Up[] = [];
  readonly down: Down[] = [];
  readonly complaints: string[] = [];
  readonly #room: number;
  readonly #recorder: Recorder;
  #sync: SessionSync | undefined;
  #isFull = false;
  #isDraining = false;
  #isSynced = false;
  /** The device is gone: what is said to it nobody hears. */
  isDeaf = false;
  isEnded = false;

  constructor(
    node: SimNode,
    { user, device, number, room }: { user: UserId; device: number; number: number; room: number },
    recorder: Recorder,
  ) {
    this.node = node;
    this.user = user;
    this.device = device as DeviceId;
    this.number = number;
    this.#room = room;
    this.#recorder = recorder;
    node.sessions.add(this);
  }

  /** The next frame arrives at the node. */
  receive(): void {
    const frame = this.up.shift();
    if (this.isEnded) return;
    switch (frame?.op) {
      case 'sync':
        this.#start(frame);
        break;
      case 'append':
        this.#append(frame);
        break;
      case 'read':
        this.#read(frame);
        break;
      case 'drained':
        this.#isFull = false;
        this.#isDraining = false;
        this.#sync?.drained();
        break;
      case 'end':
        this.#end();
        break;
      case undefined:
        break;
    }
  }

  /** The device takes the next frame. */
  take(): Down | undefined {
    const frame = this.down.shift();
    if (this.#isFull && !this.#isDraining && this.down.length === 0) {
      this.#isDraining = true;
      this.up.push({ op: 'drained' });
    }
    return frame;
  }

  /** The node is gone. */
  lose(): void {
    this.isEnded = true;
    this.up.length = 0;
    this.down.push({ ev: 'close' });
  }

  entry(entry: Entry, conversation: Conversation): boolean {
    return this.#push({ ev: 'entry', entry, conversation });
  }

  gap(gap: Gap, conversation: Conversation): boolean {
    return this.#push({ ev: 'gap', gap, conversation });
  }

  state(page: StatePage): boolean {
    return this.#push({ ev: 'state', page });
  }

  synced(): void {
    if (this.#isSynced) this.complaints.push(`session ${this.number} was told twice that it has everything`);
    this.#isSynced = true;
    if (this.#isFull)
      this.complaints.push(`session ${this.number} was told that it has everything while its queue was full`);
    this.#tell({ ev: 'synced' });
  }

  close(): void {
    this.down.push({ ev: 'close' });
    this.#end();
  }

  #start({ cursors, state }: Up & { op: 'sync' }): void {
    this.#sync = this.node.delivery.open(this);
    const known = new Map(cursors.map((cursor): [string, DeviceCursor] => [cursor.conversation, deviceCursor(cursor)]));
    this.#sync.start({ from: 'device', cursors: known, byDefault: { mode: 'full' }, state });
  }

  #append({ conversation, content, call }: Up & { op: 'append' }): void {
    const who = { author: this.user, authorName: `user${this.user}`, hash: requestHash(content) };
    const request: AppendRequest = { conversation: conversation.id, ...who, ...content };
    this.node.delivery.append(request, (result) => {
      const { clientId, kind } = content;
      if (kind === 'cancel') this.#answerCancel(result, { conversation, clientId, call });
      else this.#answer(result, { conversation, clientId, call, kind });
    });
  }

  #answer(
    result: AppendResult,
    about: { conversation: Conversation; clientId: string; call: OpenCall; kind: Content['kind'] },
  ): void {
    const { conversation, clientId, call, kind } = about;
    if (result.state === 'committed') {
      const { seq, ord, tag, time, fresh } = result;
      this.#recorder.answered(call, { q: seq, o: ord, g: tag, ...(fresh ? {} : { dup: 1 as const }) });
      const reply = { conversation: conversation.address, seq, ord, tag, time };
      this.#tell({ ev: 'stored', clientId, reply, kind });
    } else {
      const code = result.state === 'refused' ? result.code : 'cancelled';
      this.#recorder.answered(call, code);
      this.#tell({ ev: 'refused', clientId, code });
    }
  }

  #answerCancel(result: AppendResult, about: { conversation: Conversation; clientId: string; call: OpenCall }): void {
    const { conversation, clientId, call } = about;
    if (result.state === 'refused') {
      this.#recorder.answered(call, result.code);
      this.#tell({ ev: 'refused', clientId, code: result.code });
      return;
    }
    const { state, seq, ord, tag, time } = result;
    this.#recorder.answered(call, { st: state, q: seq, o: ord, g: tag });
    const outcome: OutcomeReply =
      state === 'cancelled' ? { state } : { state, conversation: conversation.address, seq, ord, tag, time };
    this.#tell({ ev: 'cancelled', clientId, outcome });
  }

  #read({ conversation, to, call }: Up & { op: 'read' }): void {
    const move = { user: this.user, conversation: conversation.id, which: 'read', to } as const;
    this.node.delivery.movePosition(move).then(
      () => this.#recorder.answered(call, {}),
      () => this.#recorder.answered(call, 'store_unavailable'),
    );
  }

  #end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#sync?.end();
    this.node.sessions.delete(this);
  }

  /** What delivery hands over. */
  #push(frame: Down): boolean {
    if (this.isEnded) this.complaints.push(`session ${this.number} was handed ${frame.ev} after its end`);
    if (this.#isFull) this.complaints.push(`session ${this.number} was handed ${frame.ev} while its queue was full`);
    this.#tell(frame);
    if (this.down.length >= this.#room) this.#isFull = true;
    return !this.#isFull;
  }

  #tell(frame: Down): void {
    if (!this.isDeaf) this.down.push(frame);
  }
}

function deviceCursor({ seq, tag, acked = [], want }: SyncCursor): DeviceCursor {
  return { cursor: place(seq, tag), acked: acked.map(([seq, tag]) => place(seq, tag)), want };
}

function place(seq: number, tag: number): Cursor {
  return { seq: seq as Seq, tag: tag as Tag };
}

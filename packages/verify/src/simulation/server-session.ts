import type { AppendReply, OutcomeReply, Seq, SyncCursor, SyncMode, Tag, UserId } from '@parley/protocol';
import {
  type DeviceCursor,
  type Gap,
  type HistoryPage,
  type Peer,
  requestHash,
  type SessionSync,
} from '@parley/server/delivery';
import {
  type AppendRequest,
  type AppendResult,
  type Conversation,
  type Cursor,
  type DeviceId,
  type Entry,
  type StatePage,
  StoreUnavailable,
} from '@parley/server/ports';
import type { CallAnswer } from '../history/record.ts';
import type { OpenCall, Recorder } from './recorder.ts';
import type { SimNode } from './sim-node.ts';
import { SyncedPromise } from './synced-promise.ts';

/** What a device asks. */
export type Up =
  | {
      readonly op: 'sync';
      readonly from: 'device' | 'account';
      readonly cursors: readonly SyncCursor[];
      readonly byDefault: SyncMode;
      readonly state: StatePage['version'] | undefined;
      /** Its token is looked up first. */
      readonly login: OpenCall | undefined;
    }
  | { readonly op: 'append'; readonly conversation: Conversation; readonly content: Content; readonly call: OpenCall }
  | { readonly op: 'read'; readonly conversation: Conversation; readonly to: Seq; readonly call: OpenCall }
  | { readonly op: 'said'; readonly conversation: Conversation; readonly to: Seq }
  | { readonly op: 'history'; readonly conversation: Conversation; readonly before: number }
  /** The first message of two people: their conversation is made first. */
  | {
      readonly op: 'first';
      readonly pair: readonly [UserId, UserId];
      readonly content: Content;
      readonly call: OpenCall;
    }
  | { readonly op: 'create'; readonly clientId: string; readonly call: OpenCall }
  | { readonly op: 'block'; readonly peer: UserId; readonly holds: boolean; readonly call: OpenCall }
  | { readonly op: 'revoke'; readonly device: number; readonly call: OpenCall }
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
  | {
      readonly ev: 'page';
      readonly conversation: Conversation;
      readonly before: number;
      /** Undefined: it could not be read now. */
      readonly page: Pick<HistoryPage, 'entries' | 'more'> | undefined;
    }
  | { readonly ev: 'synced' }
  | { readonly ev: 'close'; readonly reason: string };

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
  #promise: SyncedPromise | undefined;
  #isFull = false;
  #isDraining = false;
  #isSynced = false;
  /** Its token is being looked up: nothing else is done before. */
  isLoggingIn = false;
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

  /** Delivery knows of it. */
  get hasBegun(): boolean {
    return this.#sync !== undefined;
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
      case 'said':
        void this.node.delivery.movePosition({ ...this.#moveOf(frame), which: 'classic' }).catch(() => undefined);
        break;
      case 'history':
        this.#page(frame);
        break;
      case 'first':
      case 'create':
      case 'block':
      case 'revoke':
        this.#change(frame);
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
    this.down.push({ ev: 'close', reason: 'lost' });
  }

  entry(entry: Entry, conversation: Conversation): boolean {
    this.#promise?.reached(conversation.address, entry.seq);
    return this.#push({ ev: 'entry', entry, conversation });
  }

  gap(gap: Gap, conversation: Conversation): boolean {
    this.#promise?.reached(conversation.address, gap.to);
    return this.#push({ ev: 'gap', gap, conversation });
  }

  state(page: StatePage): boolean {
    return this.#push({ ev: 'state', page });
  }

  synced(): void {
    if (this.#isSynced) this.complaints.push(`session ${this.number} was told twice that it has everything`);
    this.#isSynced = true;
    const missing = this.node.isOld ? [] : (this.#promise?.missing(this.node.store.tables) ?? []);
    for (const what of missing) this.complaints.push(`synced: session ${this.number} was told so before ${what}`);
    if (this.#isFull)
      this.complaints.push(`session ${this.number} was told that it has everything while its queue was full`);
    this.#tell({ ev: 'synced' });
  }

  close(reason: string): void {
    this.down.push({ ev: 'close', reason });
    this.#end();
  }

  #start(sync: Up & { op: 'sync' }): void {
    const { login } = sync;
    if (login === undefined) {
      this.#begin(sync);
      return;
    }
    this.isLoggingIn = true;
    const answer = (isLive: boolean) => {
      this.isLoggingIn = false;
      if (this.isEnded) return;
      this.#recorder.answered(login, isLive ? {} : 'bad_token');
      if (isLive) this.#begin(sync);
      else this.close('revoked');
    };
    this.node.store.isLive(this.device).then(answer, () => {
      this.isLoggingIn = false;
      if (!this.isEnded) this.close('internal');
    });
  }

  #begin({ from, cursors, byDefault, state }: Up & { op: 'sync' }): void {
    this.#sync = this.node.delivery.open(this);
    const known = new Map(cursors.map((cursor): [string, DeviceCursor] => [cursor.conversation, deviceCursor(cursor)]));
    const { acknowledged, store } = this.node;
    const around = { tables: store.tables, acknowledged };
    if (from === 'device') this.#promise = new SyncedPromise(this.user, around, cursors);
    this.#sync.start({ from, cursors: known, byDefault, state });
  }

  #page({ conversation, before }: Up & { op: 'history' }): void {
    const tell = (page: Pick<HistoryPage, 'entries' | 'more'> | undefined) =>
      this.#tell({ ev: 'page', conversation, before, page });
    this.node.history.page(this.user, conversation.address, { before }).then(tell, () => tell(undefined));
  }

  /** What it changes besides the logs. An answer that the store may have lost is none: the call stays open. */
  #change(frame: Extract<Up, { op: 'first' | 'create' | 'block' | 'revoke' }>): void {
    this.#carryOut(frame).then(
      (answer) => {
        if (answer !== undefined) this.#recorder.answered(frame.call, answer);
      },
      () => {
        if (frame.op !== 'first') return;
        this.#recorder.answered(frame.call, 'store_unavailable');
        this.#tell({ ev: 'refused', clientId: frame.content.clientId, code: 'store_unavailable' });
      },
    );
  }

  async #carryOut(
    frame: Extract<Up, { op: 'first' | 'create' | 'block' | 'revoke' }>,
  ): Promise<CallAnswer | undefined> {
    const { changes, delivery } = this.node;
    switch (frame.op) {
      case 'first': {
        const [low, high] = frame.pair;
        delivery.changed(await changes.openDirect(low, high));
        const conversation = this.node.store.directOf(low, high);
        if (conversation === undefined) throw new StoreUnavailable('an older copy does not have it');
        this.#append({ op: 'append', conversation, content: frame.content, call: frame.call });
        return undefined;
      }
      case 'create':
        // It is known as what it was made, also to the recorder.
        delivery.changed(
          await changes.createGroup(this.user, frame.clientId, ({ address }) => (frame.call.c = address)),
        );
        return undefined;
      case 'block':
        delivery.changed(await changes.setBlock(this.user, frame.peer, frame.holds));
        return {};
      case 'revoke': {
        const device = frame.device as DeviceId;
        await changes.revoke(this.user, device);
        delivery.revoked(this.user, [device]);
        return {};
      }
    }
  }

  #moveOf({ conversation, to }: { conversation: Conversation; to: Seq }) {
    return { user: this.user, conversation: conversation.id, to };
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
      const most = Math.max(seq, this.node.acknowledged.get(conversation.id) ?? 0);
      // A repeat may be of another node's entry.
      if (fresh) this.node.acknowledged.set(conversation.id, most);
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
    this.node.delivery.movePosition({ ...this.#moveOf({ conversation, to }), which: 'read' }).then(
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

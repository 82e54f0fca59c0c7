import { CursorTable, type Outgoing, SendQueue, type SyncOptions } from '@parley/client';
import {
  type EntryEvent,
  ERROR_CODES,
  type ErrorCode,
  type GapEvent,
  type MemberRole,
  type Seq,
  type Tag,
  type UserId,
} from '@parley/protocol';
import type { Conversation, Cursor } from '@parley/server/ports';
import { DeviceCalls } from './device-calls.ts';
import { asksOf, type DeviceWants, WANTS_ALL } from './device-wants.ts';
import { HeldState } from './held-state.ts';
import { Holes } from './holes.ts';
import type { Recorder } from './recorder.ts';
import { type Down, ServerSession } from './server-session.ts';
import type { SimNode } from './sim-node.ts';
import type { Log, Tables } from './tables.ts';

/** Pause before it connects again, when it was told what cannot be. */
const RECONNECT_MS = 500;

/** What a device lives in. */
export interface DeviceWorld {
  readonly recorder: Recorder;
  readonly tables: () => Tables;
  readonly now: () => number;
  /** Whether devices log in with tokens, which may have been revoked. */
  readonly hasTokens: boolean;
}

/** One device of one user: the client library's outbox and cursors, over connections that come and go. */
export class SimDevice {
  readonly user: UserId;
  readonly id: number;
  readonly name: string;
  readonly #world: DeviceWorld;
  #queue: SendQueue;
  readonly #wants: DeviceWants;
  #cursors: CursorTable;
  readonly #holes = new Holes();
  #isPaging = false;
  /** It was told that it is revoked, and stays away. */
  isOver = false;
  /** What it got before does not count any more: it lied about where it stands. */
  #isAnew = false;
  /** The outbox's file: what is not settled, in order, and whether it went over the wire. */
  readonly #disk = new Map<string, { message: Outgoing; isWired: boolean }>();
  readonly #state = new HeldState();
  readonly #calls: DeviceCalls;
  /** Ids whose cancellation the outbox itself asked for. */
  readonly #takenBack = new Set<string>();
  /** What was acknowledged, for repeats. */
  readonly acknowledged: { readonly conversation: Conversation; readonly clientId: string; readonly text: string }[] =
    [];
  session: ServerSession | undefined;
  /** It does not connect before, in milliseconds. */
  comesBackAtMs = 0;
  #ids = 0;

  constructor(
    user: UserId,
    number: number,
    { wants = WANTS_ALL, ...world }: DeviceWorld & { wants?: DeviceWants | undefined },
  ) {
    this.user = user;
    this.id = user * 10 + number;
    this.name = `d${this.id}`;
    this.#world = world;
    this.#calls = new DeviceCalls(this, world.recorder);
    this.#wants = wants;
    this.#cursors = this.#createCursors();
    this.#queue = this.#createQueue();
  }

  /** Messages whose outcome it does not know. */
  get unsettled(): number {
    return this.#queue.size;
  }

  /** Whether it knows where it is a member, and as what, and whom it blocks. */
  get hasState(): boolean {
    return this.#state.isCurrent(this.user, this.#world.tables());
  }

  /** Something was left out that it has not paged yet. */
  get hasHoles(): boolean {
    return this.#holes.areAny;
  }

  /** Ids under way. */
  get underWay(): readonly Outgoing[] {
    return [...this.#disk.values()].map(({ message }) => message);
  }

  /** Whether anything of a conversation ever came and was not taken back. */
  holds({ address }: Conversation): boolean {
    return this.#cursors.cursors().some(({ conversation, seq }) => conversation === address && seq > 0);
  }

  /** Places where it stands that are other entries in the database. */
  get strayed(): string[] {
    return this.#cursors.cursors().flatMap(({ conversation: address, seq, tag }) => {
      const log = this.#log(address);
      const isMember = log?.members.get(this.user)?.stays.at(-1)?.to === null;
      return !isMember || seq === 0 || log.entries[seq - 1]?.tag === tag ? [] : [`${address}/${seq}`];
    });
  }

  /** Where it stands, for the state's hash. */
  describe(): unknown {
    return [this.name, this.#cursors.cursors(), this.#cursors.state, [...this.#disk.keys()]];
  }

  connect(node: SimNode, room: number): void {
    const { recorder, tables, hasTokens } = this.#world;
    const { from, byDefault } = this.#wants;
    if (from === 'account') this.#forgetPlaces();
    const cursors = this.#cursors.requests().flatMap(({ cursors = [] }) => cursors);
    const at = cursors.map(({ conversation, seq, tag, acked = [] }) => {
      return [conversation, place(seq, tag), acked.map(([seq, tag]) => place(seq, tag))] as const;
    });
    const opening = {
      user: this.user,
      device: this.id,
      node,
      isAnew: this.#isAnew,
      asks: asksOf(this.#wants, cursors),
    };
    const number = recorder.open(opening, at, tables());
    this.#isAnew = false;
    this.session = new ServerSession(node, { user: this.user, device: this.id, number, room }, recorder);
    const state = this.#cursors.state as Parameters<ServerSession['state']>[0]['version'] | undefined;
    const login = hasTokens ? recorder.invoke({ s: number, u: this.user, op: 'resume', dev: this.id }) : undefined;
    this.session.up.push({ op: 'sync', from, cursors, byDefault, state, login });
    this.#queue.linkUp();
  }

  /** Goes offline. What it asked for still arrives, or is lost with the connection; answers are lost in any case. */
  disconnect(areFramesLost: boolean): void {
    const { session } = this;
    if (session === undefined) return;
    this.session = undefined;
    session.isDeaf = true;
    session.down.length = 0;
    if (areFramesLost) session.up.length = 0;
    session.up.push({ op: 'end' });
    this.#isPaging = false;
    this.#queue.linkDown(undefined);
  }

  /** The program dies and begins again with what was on disk. */
  restart(): void {
    this.disconnect(true);
    const { state } = this.#cursors;
    const cursors = this.#cursors.cursors();
    this.#cursors = this.#createCursors({ cursors, ...(state === undefined ? {} : { state }) });
    this.#queue = this.#createQueue();
    this.#takenBack.clear();
    for (const { message, isWired } of this.#disk.values()) this.#queue.submit({ ...message, mayBeStored: isWired });
  }

  /** Puts a message into the outbox. */
  say({ address }: { readonly address: string }, text: string): string {
    const clientId = this.#nextId();
    const message: Outgoing = { clientId, to: address, text, deadlineMs: Number.POSITIVE_INFINITY };
    this.#disk.set(clientId, { message, isWired: false });
    this.#queue.submit(message);
    return clientId;
  }

  /** Sends what was acknowledged again, with the same text or another. */
  repeat(conversation: Conversation, clientId: string, text: string): void {
    this.#calls.append(conversation, { ...NOTHING, kind: 'message', clientId, text });
  }

  /** Comes, goes, puts somebody out. */
  change(conversation: Conversation, kind: 'join' | 'leave' | 'kick', target: UserId | null): void {
    this.#calls.append(conversation, { ...NOTHING, kind, clientId: this.#nextId(), target });
  }

  /** Makes somebody an admin, or takes that away. */
  promote(conversation: Conversation, target: UserId, role: MemberRole): void {
    this.#calls.append(conversation, { ...NOTHING, kind: 'role', clientId: this.#nextId(), target, role });
  }

  createGroup(): void {
    this.#calls.createGroup(this.#nextId());
  }

  /** Blocks somebody, or lifts that. */
  block(peer: UserId, holds: boolean): void {
    this.#calls.block(peer, holds);
  }

  /** Ends a device of the same account. */
  revoke(device: number): void {
    this.#calls.revoke(device);
  }

  /** Reads what was said last. */
  look(conversation: Conversation): void {
    this.#calls.ask(() => ({ op: 'history', conversation, before: Number.MAX_SAFE_INTEGER }));
  }

  /** Asks for the newest part of something that was left out. */
  page(): void {
    if (this.#isPaging || this.session === undefined) return;
    for (const [address, before] of this.#holes.wanted()) {
      const log = this.#log(address);
      // An older copy of the database may not have it, or not that he was ever there.
      if (log === undefined || !log.members.has(this.user)) this.#holes.forget(address);
      else {
        this.#isPaging = true;
        this.#calls.ask(() => ({ op: 'history', conversation: log.conversation, before }));
        return;
      }
    }
  }

  /** From now on it says that it stands somewhere where no server ever told it to be. */
  lie({ address }: Conversation, at: { readonly seq: number; readonly tag: number }): void {
    this.disconnect(false);
    const others = this.#cursors.cursors().filter(({ conversation }) => conversation !== address);
    const { state } = this.#cursors;
    const cursors = [...others, { conversation: address, ...at }];
    this.#cursors = this.#createCursors({ cursors, ...(state === undefined ? {} : { state }) });
    this.#holes.clear();
    this.#isAnew = true;
  }

  /** Takes a message back. */
  cancel(conversation: Conversation, clientId: string): void {
    this.#calls.append(conversation, { ...NOTHING, kind: 'cancel', clientId });
  }

  read(conversation: Conversation): void {
    const at = this.#cursors.cursors().find((cursor) => cursor.conversation === conversation.address);
    if (at !== undefined && this.#isStored(conversation, at)) this.#calls.read(conversation, at.seq);
  }

  /** Time has passed. */
  tick(): void {
    this.#queue.tick(this.#world.now());
  }

  /** Takes the next frame that the server sent. */
  receive(): void {
    const { session } = this;
    const frame = session?.take();
    if (session === undefined || frame === undefined) return;
    switch (frame.ev) {
      case 'entry':
      case 'gap':
        this.#receiveEntry(frame, session.number);
        break;
      case 'state':
        this.#receiveState(frame.page, session.number);
        break;
      case 'stored':
        if (frame.kind === 'message') this.#queue.answered(frame.clientId, frame.reply);
        this.#acknowledge(frame.reply);
        break;
      case 'cancelled':
        this.#takenBack.delete(frame.clientId);
        this.#queue.cancelAnswered(frame.clientId, frame.outcome, this.#world.now());
        break;
      case 'refused':
        this.#refused(frame);
        break;
      case 'page':
        this.#receivePage(frame, session.number);
        break;
      case 'close':
        if (frame.reason === 'revoked') this.isOver = true;
        this.disconnect(false);
        break;
      case 'synced':
        break;
    }
  }

  #receiveEntry(frame: Extract<Down, { ev: 'entry' | 'gap' }>, number: number): void {
    const { recorder } = this.#world;
    const { address } = frame.conversation;
    let verdict: string;
    if (frame.ev === 'entry') {
      recorder.entry(number, frame.entry, frame.conversation);
      verdict = this.#cursors.entry({ ...frame.entry, conversation: address } as unknown as EntryEvent);
    } else {
      recorder.gap(number, frame.gap, address);
      verdict = this.#cursors.gap({ ev: 'gap', conversation: address, ...frame.gap } satisfies GapEvent);
      if (verdict === 'deliver') this.#holes.note(address, frame.gap);
    }
    if (this.#wants.from === 'account' && frame.ev === 'entry') {
      const { conversation, entry } = frame;
      this.#calls.ask(() => ({ op: 'said', conversation, to: entry.seq }));
    }
    // As the client library: it syncs again from where it stands.
    if (verdict !== 'hole' && verdict !== 'fork') return;
    this.comesBackAtMs = this.#world.now() + RECONNECT_MS;
    this.disconnect(false);
  }

  #receivePage({ conversation, before, page }: Extract<Down, { ev: 'page' }>, number: number): void {
    this.#isPaging = false;
    if (page === undefined) return;
    const { address } = conversation;
    // What it reads back is no beginning of what it is sent where its account is.
    const device = this.#wants.from === 'account' ? undefined : this.id;
    this.#world.recorder.page({ session: number, user: this.user, device }, page.entries, address);
    this.#holes.paged(address, before, { first: page.entries[0]?.seq ?? 0, more: page.more });
  }

  #receiveState(page: Extract<Down, { ev: 'state' }>['page'], number: number): void {
    this.#state.take(page);
    for (const row of page.rows) {
      if (row.row !== 'conversation') continue;
      const told = { c: row.conversation.address, read: row.readSeq, delivered: row.deliveredSeq };
      this.#world.recorder.position(number, this.user, told);
    }
    this.#cursors.stateMoved({ ...page.version, more: page.more });
  }

  #refused({ clientId, code }: Extract<Down, { ev: 'refused' }>): void {
    const isKnown = this.#disk.has(clientId);
    if (!isKnown) return;
    const { meaning } = ERROR_CODES[code as ErrorCode];
    this.#queue.refused(clientId, { code: code as ErrorCode, message: meaning }, this.#world.now());
  }

  #acknowledge({ conversation, seq, tag }: { conversation: string; seq: number; tag: number }): void {
    this.#cursors.acknowledge(conversation, { seq, tag });
  }

  #createCursors(before: Pick<SyncOptions, 'cursors' | 'state'> = {}): CursorTable {
    return new CursorTable({ default: this.#wants.byDefault, missed: this.#wants.missed, ...before });
  }

  /** What it got before counts as another device's. */
  #forgetPlaces(): void {
    this.#cursors = this.#createCursors();
    this.#isAnew = true;
  }

  #createQueue(): SendQueue {
    return new SendQueue({
      transmit: (message, after) => this.#transmit(message, after),
      cancel: ({ clientId, to }) => {
        const conversation = this.#conversation(to);
        this.#takenBack.add(clientId);
        if (conversation !== undefined) this.cancel(conversation, clientId);
        else this.#calls.refuse(clientId);
      },
      settled: ({ clientId, to, text }, outcome) => {
        this.#disk.delete(clientId);
        const conversation = this.#conversation(to);
        if (conversation !== undefined && 'seq' in outcome) this.acknowledged.push({ conversation, clientId, text });
      },
    });
  }

  #transmit({ clientId, to, text }: Outgoing, after: string | undefined): void {
    const conversation = this.#conversation(to);
    const item = this.#disk.get(clientId);
    if (item !== undefined) item.isWired = true;
    const content = { ...NOTHING, kind: 'message', clientId, text, after: after ?? null } as const;
    if (conversation !== undefined) this.#calls.append(conversation, content);
    else this.#calls.appendFirst(to, content);
  }

  /** An older copy of the database may not have what was read. */
  #isStored({ id }: Conversation, { seq, tag }: { seq: number; tag: number }): boolean {
    return this.#world.tables().logs.get(id)?.entries[seq - 1]?.tag === tag;
  }

  #conversation(address: string): Conversation | undefined {
    return this.#log(address)?.conversation;
  }

  #log(address: string): Log | undefined {
    for (const log of this.#world.tables().logs.values()) if (log.conversation.address === address) return log;
    return undefined;
  }

  #nextId(): string {
    this.#ids += 1;
    return `${this.name}-${this.#ids}`;
  }
}

const NOTHING = { after: null, text: null, target: null, role: null } as const;

function place(seq: number, tag: number): Cursor {
  return { seq: seq as Seq, tag: tag as Tag };
}

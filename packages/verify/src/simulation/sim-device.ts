import { CursorTable, type Outgoing, SendQueue } from '@parley/client';
import {
  type EntryEvent,
  ERROR_CODES,
  type ErrorCode,
  type GapEvent,
  type Seq,
  type Tag,
  type UserId,
} from '@parley/protocol';
import type { Conversation, Cursor } from '@parley/server/ports';
import { digestOf } from '../history/digest.ts';
import type { OpenCall, Recorder } from './recorder.ts';
import { type Content, type Down, ServerSession } from './server-session.ts';
import type { SimNode } from './sim-node.ts';
import type { Member, Tables } from './tables.ts';

/** What a device lives in. */
export interface DeviceWorld {
  readonly recorder: Recorder;
  readonly tables: () => Tables;
  readonly now: () => number;
}

/** One device of one user: the client library's outbox and cursors, over connections that come and go. */
export class SimDevice {
  readonly user: UserId;
  readonly id: number;
  readonly name: string;
  readonly #world: DeviceWorld;
  #queue: SendQueue;
  #cursors = new CursorTable({ default: { mode: 'full' } });
  /** The outbox's file: what is not settled, in order, and whether it went over the wire. */
  readonly #disk = new Map<string, { message: Outgoing; isWired: boolean }>();
  /** What it was told it is in each conversation. */
  readonly #rows = new Map<string, string>();
  /** Ids whose cancellation the outbox itself asked for. */
  readonly #takenBack = new Set<string>();
  /** What was acknowledged, for repeats. */
  readonly acknowledged: { readonly conversation: Conversation; readonly clientId: string; readonly text: string }[] =
    [];
  session: ServerSession | undefined;
  #ids = 0;

  constructor(user: UserId, number: number, world: DeviceWorld) {
    this.user = user;
    this.id = user * 10 + number;
    this.name = `d${this.id}`;
    this.#world = world;
    this.#queue = this.#createQueue();
  }

  /** Messages whose outcome it does not know. */
  get unsettled(): number {
    return this.#queue.size;
  }

  /** Whether it knows where it is a member, and as what. Positions are told late, after one's own messages not at all. */
  get hasState(): boolean {
    return [...this.#world.tables().logs.values()].every(({ conversation, members }) => {
      const member = members.get(this.user);
      return member === undefined || this.#rows.get(conversation.address) === standingOf(member.role, isPast(member));
    });
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
      const conversation = this.#conversation(address);
      const log = conversation && this.#world.tables().logs.get(conversation.id);
      const isMember = log?.members.get(this.user)?.stays.at(-1)?.to === null;
      // One who was told that he is out is not told that the copy takes that back: see docs/VERIFICATION.md.
      return !isMember || this.#rows.get(address) === 'none' || seq === 0 || log.entries[seq - 1]?.tag === tag
        ? []
        : [`${address}/${seq}`];
    });
  }

  /** Where it stands, for the state's hash. */
  describe(): unknown {
    return [this.name, this.#cursors.cursors(), this.#cursors.state, [...this.#disk.keys()]];
  }

  connect(node: SimNode, room: number): void {
    const { recorder, tables } = this.#world;
    const cursors = this.#cursors.cursors();
    const at = cursors.flatMap(({ conversation: address, seq, tag, acked = [] }) => {
      const conversation = this.#conversation(address);
      const places = acked.map(([seq, tag]) => place(seq, tag));
      return conversation === undefined ? [] : [[conversation, place(seq, tag), places] as const];
    });
    const number = recorder.open({ user: this.user, device: this.id, node }, at, tables());
    this.session = new ServerSession(node, { user: this.user, device: this.id, number, room }, recorder);
    const state = this.#cursors.state as Parameters<ServerSession['state']>[0]['version'] | undefined;
    this.session.up.push({ op: 'sync', cursors, state });
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
    this.#queue.linkDown(undefined);
  }

  /** The program dies and begins again with what was on disk. */
  restart(): void {
    this.disconnect(true);
    const { state } = this.#cursors;
    const cursors = this.#cursors.cursors();
    this.#cursors = new CursorTable({ default: { mode: 'full' }, cursors, ...(state === undefined ? {} : { state }) });
    this.#queue = this.#createQueue();
    this.#takenBack.clear();
    for (const { message, isWired } of this.#disk.values()) this.#queue.submit({ ...message, mayBeStored: isWired });
  }

  /** Puts a message into the outbox. */
  say({ address }: Conversation, text: string): string {
    const clientId = this.#nextId();
    const message: Outgoing = { clientId, to: address, text, deadlineMs: Number.POSITIVE_INFINITY };
    this.#disk.set(clientId, { message, isWired: false });
    this.#queue.submit(message);
    return clientId;
  }

  /** Sends what was acknowledged again, with the same text or another. */
  repeat(conversation: Conversation, clientId: string, text: string): void {
    this.#append(conversation, { ...NOTHING, kind: 'message', clientId, text });
  }

  /** Comes, goes, puts somebody out. */
  change(conversation: Conversation, kind: 'join' | 'leave' | 'kick', target: UserId | null): void {
    this.#append(conversation, { ...NOTHING, kind, clientId: this.#nextId(), target });
  }

  /** Takes a message back. */
  cancel(conversation: Conversation, clientId: string): void {
    this.#append(conversation, { ...NOTHING, kind: 'cancel', clientId });
  }

  read(conversation: Conversation): void {
    const at = this.#cursors.cursors().find((cursor) => cursor.conversation === conversation.address);
    if (at === undefined || this.session === undefined || !this.#isStored(conversation, at)) return;
    const { recorder } = this.#world;
    const call = recorder.invoke({
      s: this.session.number,
      u: this.user,
      op: 'read',
      c: conversation.address,
      to: at.seq,
    });
    this.session.up.push({ op: 'read', conversation, to: at.seq as Seq, call });
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
      case 'close':
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
    }
    // As the client library: it syncs again from where it stands.
    if (verdict === 'hole' || verdict === 'fork') this.disconnect(false);
  }

  #receiveState(page: Extract<Down, { ev: 'state' }>['page'], number: number): void {
    if (page.full) this.#rows.clear();
    for (const row of page.rows) {
      if (row.row !== 'conversation') continue;
      this.#rows.set(row.conversation.address, standingOf(row.role, row.left));
      const told = { c: row.conversation.address, read: row.readSeq, delivered: row.deliveredSeq };
      this.#world.recorder.position(number, this.user, told);
    }
    if (!page.more) this.#cursors.stateMoved(page.version);
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

  #createQueue(): SendQueue {
    return new SendQueue({
      transmit: (message, after) => this.#transmit(message, after),
      cancel: ({ clientId, to }) => {
        const conversation = this.#conversation(to);
        this.#takenBack.add(clientId);
        if (conversation !== undefined) this.cancel(conversation, clientId);
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
    if (conversation === undefined) return;
    this.#append(conversation, { ...NOTHING, kind: 'message', clientId, text, after: after ?? null });
  }

  #append(conversation: Conversation, content: Content): void {
    const { session } = this;
    if (session === undefined) return;
    const call = this.#invoke(session, conversation, content);
    session.up.push({ op: 'append', conversation, content, call });
  }

  #invoke(session: ServerSession, { address }: Conversation, content: Content): OpenCall {
    const { kind, clientId, after, text, target } = content;
    const op = kind === 'message' ? 'send' : kind === 'role' ? 'kick' : kind;
    return this.#world.recorder.invoke({
      s: session.number,
      u: this.user,
      op,
      c: address,
      i: clientId,
      ...(after === null ? {} : { a: after }),
      ...(text === null ? {} : { x: digestOf(text) }),
      ...(target === null ? {} : { w: target }),
    });
  }

  /** An older copy of the database may not have what was read. */
  #isStored({ id }: Conversation, { seq, tag }: { seq: number; tag: number }): boolean {
    return this.#world.tables().logs.get(id)?.entries[seq - 1]?.tag === tag;
  }

  #conversation(address: string): Conversation | undefined {
    for (const { conversation } of this.#world.tables().logs.values()) {
      if (conversation.address === address) return conversation;
    }
    return undefined;
  }

  #nextId(): string {
    this.#ids += 1;
    return `${this.name}-${this.#ids}`;
  }
}

const NOTHING = { after: null, text: null, target: null, role: null } as const;

function standingOf(role: string, hasLeft: boolean): string {
  return hasLeft ? 'none' : role;
}

function isPast({ stays }: Member): boolean {
  return stays.at(-1)?.to !== null;
}

function place(seq: number, tag: number): Cursor {
  return { seq: seq as Seq, tag: tag as Tag };
}

// Long because: it is all that one device holds and does; the outbox, the cursors and the private state meet in it.
import { CursorTable, type Outgoing, SendQueue, type SyncOptions } from '@parley/client';
import {
  type EntryEvent,
  ERROR_CODES,
  type ErrorCode,
  type GapEvent,
  type MemberRole,
  type Seq,
  type SyncCursor,
  type SyncMode,
  type Tag,
  type UserId,
} from '@parley/protocol';
import type { Conversation, Cursor } from '@parley/server/ports';
import { digestOf } from '../history/digest.ts';
import type { OpenRecord } from '../history/record.ts';
import type { OpenCall, Recorder } from './recorder.ts';
import { type Content, type Down, ServerSession, type Up } from './server-session.ts';
import type { SimNode } from './sim-node.ts';
import type { Member, Tables } from './tables.ts';

/** How a device follows its conversations. */
export interface DeviceWants {
  /** `account`: it keeps no cursors, as classic clients, and goes on where its account is. */
  readonly from: 'device' | 'account';
  /** Of conversations that it does not know, and of what it missed. */
  readonly byDefault: SyncMode;
  readonly missed: SyncMode;
}

const FULL: SyncMode = { mode: 'full' };
/** Pause before it connects again, when it was told what cannot be. */
const RECONNECT_MS = 500;

/** Everything. */
export const WANTS_ALL: DeviceWants = { from: 'device', byDefault: FULL, missed: FULL };

/** What was left out of what a device was sent, as far as it was not paged yet. */
interface Hole {
  readonly from: number;
  readonly to: number;
}

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
  readonly #holes = new Map<string, Hole[]>();
  #isPaging = false;
  /** It was told that it is revoked, and stays away. */
  isOver = false;
  /** What it got before does not count any more: it lied about where it stands. */
  #isAnew = false;
  /** The outbox's file: what is not settled, in order, and whether it went over the wire. */
  readonly #disk = new Map<string, { message: Outgoing; isWired: boolean }>();
  /** What it was told it is in each conversation. */
  readonly #rows = new Map<string, string>();
  /** Whom its account blocks, as it was told. */
  readonly #blocked = new Set<number>();
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
    this.#wants = wants;
    this.#cursors = this.#createCursors();
    this.#queue = this.#createQueue();
  }

  /** Messages whose outcome it does not know. */
  get unsettled(): number {
    return this.#queue.size;
  }

  /**
   * Whether it knows where it is a member, and as what, and whom it blocks. Positions are told late, after one's own
   * messages not at all.
   */
  get hasState(): boolean {
    const { logs, blocks } = this.#world.tables();
    const standings = new Map<string, string>();
    for (const { conversation, members } of logs.values()) {
      const member = members.get(this.user);
      if (member !== undefined && !isPast(member)) standings.set(conversation.address, member.role);
    }
    const told = [...this.#rows].filter(([, standing]) => standing !== 'none');
    const blocked = [...blocks.values()].filter(({ owner, holds }) => owner === this.user && holds);
    return (
      told.length === standings.size &&
      told.every(([address, standing]) => standings.get(address) === standing) &&
      blocked.length === this.#blocked.size &&
      blocked.every(({ peer }) => this.#blocked.has(peer))
    );
  }

  /** Something was left out that it has not paged yet. */
  get hasHoles(): boolean {
    return this.#holes.size > 0;
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
    this.#append(conversation, { ...NOTHING, kind: 'message', clientId, text });
  }

  /** Comes, goes, puts somebody out. */
  change(conversation: Conversation, kind: 'join' | 'leave' | 'kick', target: UserId | null): void {
    this.#append(conversation, { ...NOTHING, kind, clientId: this.#nextId(), target });
  }

  /** Makes somebody an admin, or takes that away. */
  promote(conversation: Conversation, target: UserId, role: MemberRole): void {
    this.#append(conversation, { ...NOTHING, kind: 'role', clientId: this.#nextId(), target, role });
  }

  createGroup(): void {
    const clientId = this.#nextId();
    this.#ask((session) => {
      const call = this.#world.recorder.invoke({
        s: session.number,
        u: this.user,
        op: 'create',
        i: clientId,
        dev: this.id,
      });
      return { op: 'create', clientId, call };
    });
  }

  /** Blocks somebody, or lifts that. */
  block(peer: UserId, holds: boolean): void {
    const op = holds ? 'block' : 'unblock';
    this.#ask((session) => {
      const call = this.#world.recorder.invoke({ s: session.number, u: this.user, op, w: peer, dev: this.id });
      return { op: 'block', peer, holds, call };
    });
  }

  /** Ends a device of the same account. */
  revoke(device: number): void {
    this.#ask((session) => {
      const call = this.#world.recorder.invoke({ s: session.number, u: this.user, op: 'revoke', dev: device });
      return { op: 'revoke', device, call };
    });
  }

  /** Reads what was said last. */
  look(conversation: Conversation): void {
    this.#ask(() => ({ op: 'history', conversation, before: Number.MAX_SAFE_INTEGER }));
  }

  /** Asks for the newest part of something that was left out. */
  page(): void {
    if (this.#isPaging || this.session === undefined) return;
    for (const [address, [hole]] of this.#holes) {
      const conversation = this.#conversation(address);
      if (conversation === undefined || hole === undefined) this.#holes.delete(address);
      else {
        this.#isPaging = true;
        this.#ask(() => ({ op: 'history', conversation, before: hole.to + 1 }));
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
      dev: this.id,
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
      if (verdict === 'deliver') this.#noteGap(address, frame.gap);
    }
    if (this.#wants.from === 'account' && frame.ev === 'entry') {
      const { conversation, entry } = frame;
      this.#ask(() => ({ op: 'said', conversation, to: entry.seq }));
    }
    // As the client library: it syncs again from where it stands.
    if (verdict !== 'hole' && verdict !== 'fork') return;
    this.comesBackAtMs = this.#world.now() + RECONNECT_MS;
    this.disconnect(false);
  }

  #noteGap(address: string, { from, to, reason }: { from: number; to: number; reason: string }): void {
    if (reason === 'reset') this.#holes.delete(address);
    if (reason === 'paged') this.#holes.set(address, [...(this.#holes.get(address) ?? []), { from, to }]);
  }

  #receivePage({ conversation, before, page }: Extract<Down, { ev: 'page' }>, number: number): void {
    this.#isPaging = false;
    if (page === undefined) return;
    const { address } = conversation;
    // What it reads back is no beginning of what it is sent where its account is.
    const device = this.#wants.from === 'account' ? undefined : this.id;
    this.#world.recorder.page({ session: number, user: this.user, device }, page.entries, address);
    const [hole, ...others] = this.#holes.get(address) ?? [];
    // It was told to forget all of it meanwhile.
    if (hole === undefined || hole.to + 1 !== before) return;
    const first = page.entries[0]?.seq ?? 0;
    const isPaged = first <= hole.from || !page.more;
    const left = isPaged ? others : [{ from: hole.from, to: first - 1 }, ...others];
    if (left.length > 0) this.#holes.set(address, left);
    else this.#holes.delete(address);
  }

  #receiveState(page: Extract<Down, { ev: 'state' }>['page'], number: number): void {
    if (page.full) {
      this.#rows.clear();
      this.#blocked.clear();
    }
    for (const row of page.rows) {
      if (row.row === 'contact') {
        if (row.contact.blocked) this.#blocked.add(row.contact.user);
        else this.#blocked.delete(row.contact.user);
        continue;
      }
      this.#rows.set(row.conversation.address, standingOf(row.role, row.left));
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

  #ask(frame: (session: ServerSession) => Up): void {
    if (this.session !== undefined) this.session.up.push(frame(this.session));
  }

  #createQueue(): SendQueue {
    return new SendQueue({
      transmit: (message, after) => this.#transmit(message, after),
      cancel: ({ clientId, to }) => {
        const conversation = this.#conversation(to);
        this.#takenBack.add(clientId);
        if (conversation !== undefined) this.cancel(conversation, clientId);
        else this.#refuse(clientId);
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
    if (conversation !== undefined) this.#append(conversation, content);
    else this.#appendFirst(to, content);
  }

  /** A group that is not there was lost with an older copy. */
  #appendFirst(address: string, content: Content): void {
    const { session } = this;
    if (session === undefined) return;
    const [, low, high] = /^d(\d+)-(\d+)$/.exec(address) ?? [];
    if (low === undefined || high === undefined) {
      this.#refuse(content.clientId);
      return;
    }
    const call = this.#invoke(session, { address }, content);
    session.up.push({ op: 'first', pair: [Number(low) as UserId, Number(high) as UserId], content, call });
  }

  #append(conversation: Conversation, content: Content): void {
    const { session } = this;
    if (session === undefined) return;
    const call = this.#invoke(session, conversation, content);
    session.up.push({ op: 'append', conversation, content, call });
  }

  /** As the server refuses what is for a conversation that is not there. */
  #refuse(clientId: string): void {
    this.session?.down.push({ ev: 'refused', clientId, code: 'no_such_conversation' });
  }

  #invoke(session: ServerSession, { address }: { readonly address: string }, content: Content): OpenCall {
    const { kind, clientId, after, text, target } = content;
    const op = kind === 'message' ? 'send' : kind;
    return this.#world.recorder.invoke({
      s: session.number,
      u: this.user,
      op,
      c: address,
      i: clientId,
      dev: this.id,
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

/** Of what it wants no more than the last few at first. */
function asksOf({ from, byDefault }: DeviceWants, cursors: readonly SyncCursor[]): Pick<OpenRecord, 'from' | 'lazy'> {
  if (from === 'account') return { from };
  const known = cursors.map(({ conversation, want = byDefault }): [string, SyncMode] => [conversation, want]);
  const lazy = [...known, ['', byDefault] as const].flatMap(([conversation, want]) =>
    want.mode === 'lazy' ? [[conversation, want.last] as const] : [],
  );
  return lazy.length > 0 ? { lazy } : {};
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

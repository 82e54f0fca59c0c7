import type { UserId } from '@parley/protocol';
import type { Change } from './own-users.ts';

interface Peer {
  /** Of the last change that was heard of. */
  number: number;
  readonly users: Set<UserId>;
  /** `stale`: its users have to be loaded; `loading`: they are, and `heard` comes on top. */
  state: 'current' | 'stale' | 'loading';
  heard: Change[];
  /** As far as is known; without one, its set may not be there yet, or no longer. */
  hasLease: boolean;
  /** When it counts as gone for want of a lease. */
  goneAtMs: number | undefined;
}

/** Changes kept while a peer's users are loaded; with more, they are loaded once more. */
const MAX_HEARD = 1_000;

/** The users of all other nodes, mirrored: what was loaded, and the changes since. No I/O. */
export class PeerUsers {
  readonly #peers = new Map<string, Peer>();
  /** On how many other nodes a user is. */
  readonly #counts = new Map<UserId, number>();
  readonly #onChange: (user: UserId, isElsewhere: boolean) => void;

  constructor(onChange: (user: UserId, isElsewhere: boolean) => void) {
    this.#onChange = onChange;
  }

  isElsewhere(user: UserId): boolean {
    return this.#counts.has(user);
  }

  /**
   * These nodes hold leases. Who is not among them counts as gone at `goneAtMs`, unless that was settled before.
   */
  leases(held: ReadonlyMap<string, number>, goneAtMs: number): void {
    for (const [node, number] of held) {
      const peer = this.#peers.get(node) ?? this.#add(node);
      peer.hasLease = true;
      peer.goneAtMs = undefined;
      if (number <= peer.number) continue;
      peer.number = number;
      this.#missed(peer);
    }
    for (const [node, peer] of this.#peers) {
      if (held.has(node)) continue;
      peer.hasLease = false;
      peer.goneAtMs ??= goneAtMs;
    }
  }

  /** @returns false when the node is not known: its lease has to be looked for */
  heard(node: string, change: Change): boolean {
    const peer = this.#peers.get(node);
    if (peer === undefined) return false;
    if (change.number <= peer.number) return true;
    const follows = change.number === peer.number + 1;
    peer.number = change.number;
    if (!follows || peer.heard.length === MAX_HEARD) this.#missed(peer);
    else if (peer.state === 'loading') peer.heard.push(change);
    else if (peer.state === 'current') this.#apply(peer, change);
    return true;
  }

  /** @returns a node whose users have to be loaded, and counts as being loaded from now on */
  takeStale(): string | undefined {
    for (const [node, peer] of this.#peers) {
      if (peer.state !== 'stale' || !peer.hasLease) continue;
      peer.state = 'loading';
      peer.heard = [];
      return node;
    }
    return undefined;
  }

  /** What the node's set held; changes that came meanwhile may be in it or not. */
  loaded(node: string, users: ReadonlySet<UserId>): void {
    const peer = this.#peers.get(node);
    if (peer?.state !== 'loading') return;
    peer.state = 'current';
    const left = [...peer.users].filter((user) => !users.has(user));
    this.#apply(peer, { came: [...users], left });
    for (const change of peer.heard.splice(0)) this.#apply(peer, change);
  }

  /** What was being loaded cannot be had now. */
  notLoaded(): void {
    for (const peer of this.#peers.values()) if (peer.state === 'loading') peer.state = 'stale';
  }

  /** Everything may have changed, for the connection was away: what is known stays, and is loaded again. */
  interrupted(): void {
    for (const peer of this.#peers.values()) {
      peer.state = 'stale';
      peer.hasLease = false;
      peer.goneAtMs = undefined;
    }
  }

  /** Lets those go whose time has come. */
  sweep(nowMs: number): void {
    for (const [node, peer] of this.#peers) {
      if (peer.goneAtMs === undefined || peer.goneAtMs > nowMs) continue;
      this.#peers.delete(node);
      this.#apply(peer, { came: [], left: [...peer.users] });
    }
  }

  #add(node: string): Peer {
    const peer: Peer = { number: -1, users: new Set(), state: 'stale', heard: [], hasLease: true, goneAtMs: undefined };
    this.#peers.set(node, peer);
    return peer;
  }

  /** Also while it is being loaded: what comes of that may lack what was missed. */
  #missed(peer: Peer): void {
    peer.state = 'stale';
    peer.heard = [];
  }

  #apply(peer: Peer, { came, left }: Pick<Change, 'came' | 'left'>): void {
    for (const user of came) {
      if (peer.users.has(user)) continue;
      peer.users.add(user);
      this.#count(user, 1);
    }
    for (const user of left) if (peer.users.delete(user)) this.#count(user, -1);
  }

  #count(user: UserId, by: 1 | -1): void {
    const before = this.#counts.get(user) ?? 0;
    const after = before + by;
    if (after === 0) this.#counts.delete(user);
    else this.#counts.set(user, after);
    if (before === 0 || after === 0) this.#onChange(user, after > 0);
  }
}

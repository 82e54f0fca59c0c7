import type { UserId } from '@parley/protocol';
import type { Clock, Store, Timer, Whereabouts } from './ports/index.ts';

/** How long after an account's last session ends it counts as offline: a reconnect is not a coming and going. */
const GRACE_MS = 4_000;

/** Someone who wants to know. */
export interface PresenceWatcher {
  readonly user: UserId;
  /** The person is no longer for this watcher to see; nothing more is told. */
  hidden(person: UserId): void;
  /** The person came or went. */
  presence(user: UserId, online: boolean, lastSeenAt: number | null): void;
}

interface Present {
  sessions: number;
  /** Runs while no session is left. */
  leaving?: Timer;
}

export interface PresenceDeps {
  readonly store: Pick<Store, 'setLastSeen'>;
  readonly clock: Clock;
  /** Left out where this node is the only one. */
  readonly whereabouts?: Whereabouts | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Who is online: from the sessions of this node, and from what the other nodes say of theirs; never from a column that
 * lies after a crash. [PRES-1]
 */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #present = new Map<UserId, Present>();
  readonly #watchers = new Map<UserId, Set<PresenceWatcher>>();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    deps.whereabouts?.listen((user, isElsewhere) => this.#movedElsewhere(user, isElsewhere));
  }

  /** On any node. */
  isOnline(user: UserId): boolean {
    return this.#present.has(user) || this.#isElsewhere(user);
  }

  /** Accounts with a session on this node, or that left it a moment ago. */
  get hereCount(): number {
    return this.#present.size;
  }

  /** How many sessions the account has here. */
  sessionsOf(user: UserId): number {
    return this.#present.get(user)?.sessions ?? 0;
  }

  arrived(user: UserId): void {
    const present = this.#present.get(user);
    if (present === undefined) {
      this.#present.set(user, { sessions: 1 });
      this.#deps.whereabouts?.announce(user, true);
      if (!this.#isElsewhere(user)) this.#tell(user, true, null);
      return;
    }
    present.sessions += 1;
    present.leaving?.cancel();
    delete present.leaving;
  }

  left(user: UserId): void {
    const present = this.#present.get(user);
    if (present === undefined) return;
    present.sessions -= 1;
    if (present.sessions > 0) return;
    const { store, clock, onError } = this.#deps;
    const lastSeenAt = clock.now();
    store.setLastSeen(user, lastSeenAt).catch(onError);
    present.leaving = clock.after(GRACE_MS, () => this.#gone(user, lastSeenAt));
  }

  watch(user: UserId, watcher: PresenceWatcher): void {
    const watchers = this.#watchers.get(user);
    if (watchers === undefined) this.#watchers.set(user, new Set([watcher]));
    else watchers.add(watcher);
  }

  unwatch(user: UserId, watcher: PresenceWatcher): void {
    const watchers = this.#watchers.get(user);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(user);
  }

  /** What one person does is no longer told to another, who has been blocked or has let the friend go. */
  hide(person: UserId, from: UserId): void {
    for (const watcher of this.#watchers.get(person) ?? []) {
      if (watcher.user !== from) continue;
      this.unwatch(person, watcher);
      watcher.hidden(person);
    }
  }

  #gone(user: UserId, lastSeenAt: number): void {
    this.#present.delete(user);
    this.#deps.whereabouts?.announce(user, false);
    if (!this.#isElsewhere(user)) this.#tell(user, false, lastSeenAt);
  }

  /** The other nodes keep a grace of their own before they say that somebody left. */
  #movedElsewhere(user: UserId, isElsewhere: boolean): void {
    if (this.#present.has(user)) return;
    this.#tell(user, isElsewhere, isElsewhere ? null : this.#deps.clock.now() - GRACE_MS);
  }

  #isElsewhere(user: UserId): boolean {
    return this.#deps.whereabouts?.isElsewhere(user) ?? false;
  }

  #tell(user: UserId, online: boolean, lastSeenAt: number | null): void {
    for (const watcher of this.#watchers.get(user) ?? []) watcher.presence(user, online, lastSeenAt);
  }
}

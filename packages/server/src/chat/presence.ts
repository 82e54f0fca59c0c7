import type { UserId } from '@parley/protocol';
import type { Clock, Store, Timer } from './ports/index.ts';

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

/** Who is here, from the sessions of this node; never from a column that lies after a crash. [PRES-1] */
export class Presence {
  readonly #store: Pick<Store, 'setLastSeen'>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #present = new Map<UserId, Present>();
  readonly #watchers = new Map<UserId, Set<PresenceWatcher>>();

  constructor(deps: { store: Pick<Store, 'setLastSeen'>; clock: Clock; onError: (error: unknown) => void }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#onError = deps.onError;
  }

  isOnline(user: UserId): boolean {
    return this.#present.has(user);
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
      this.#tell(user, true, null);
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
    const lastSeenAt = this.#clock.now();
    this.#store.setLastSeen(user, lastSeenAt).catch(this.#onError);
    present.leaving = this.#clock.after(GRACE_MS, () => {
      this.#present.delete(user);
      this.#tell(user, false, lastSeenAt);
    });
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

  #tell(user: UserId, online: boolean, lastSeenAt: number | null): void {
    for (const watcher of this.#watchers.get(user) ?? []) watcher.presence(user, online, lastSeenAt);
  }
}

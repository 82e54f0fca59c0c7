import type { UserId } from '@parley/protocol';
import { encodeFrame, type UserRef } from '@parley/protocol';
import type { Clock, Timer } from '../../chat/ports/index.ts';
import type { Presence, PresenceWatcher } from '../../chat/presence.ts';

/** People that one session may watch. */
const MAX_WATCHED = 500;

/** Of one person not more than one frame in this time, about: what came meanwhile is told then, as it is then. */
const CALM_MS = 1_000;

interface PresenceState {
  readonly online: boolean;
  readonly lastSeenAt: number | null;
}

export interface PresenceWatchDeps {
  readonly presence: Presence;
  readonly clock: Clock;
  readonly write: (frame: Buffer) => void;
}

/** The people whose coming and going one session is told. [PRES-1] */
export class PresenceWatch implements PresenceWatcher {
  readonly user: UserId;
  readonly #deps: PresenceWatchDeps;
  readonly #watched = new Map<UserId, UserRef>();
  /** Told a moment ago; then what they have become since, if anything. */
  readonly #told = new Map<UserId, PresenceState | undefined>();
  #calm: Timer | undefined;

  constructor(user: UserId, deps: PresenceWatchDeps) {
    this.user = user;
    this.#deps = deps;
  }

  add(user: UserRef): void {
    const id = user.id as UserId;
    if (this.#watched.size >= MAX_WATCHED || this.#watched.has(id)) return;
    this.#watched.set(id, user);
    this.#deps.presence.watch(id, this);
  }

  presence(user: UserId, online: boolean, lastSeenAt: number | null): void {
    if (!this.#watched.has(user)) return;
    if (this.#told.has(user)) this.#told.set(user, { online, lastSeenAt });
    else this.#tell(user, { online, lastSeenAt });
  }

  /** For who must not see, the person is not there, and that at once. */
  hidden(person: UserId): void {
    this.#tell(person, { online: false, lastSeenAt: null });
    this.#told.delete(person);
    this.#watched.delete(person);
  }

  end(): void {
    this.#calm?.cancel();
    for (const id of this.#watched.keys()) this.#deps.presence.unwatch(id, this);
    this.#watched.clear();
  }

  #tell(id: UserId, state: PresenceState): void {
    const user = this.#watched.get(id);
    if (user === undefined) return;
    this.#told.set(id, undefined);
    this.#calm ??= this.#deps.clock.after(CALM_MS, () => this.#tellLater());
    this.#deps.write(encodeFrame({ ev: 'presence', user, ...state }));
  }

  #tellLater(): void {
    this.#calm = undefined;
    const changed = [...this.#told];
    this.#told.clear();
    for (const [id, state] of changed) if (state !== undefined) this.#tell(id, state);
  }
}

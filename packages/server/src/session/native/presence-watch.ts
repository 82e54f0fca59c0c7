import type { UserId } from '@parley/protocol';
import { encodeFrame, type UserRef } from '@parley/protocol';
import type { Presence, PresenceWatcher } from '../../chat/presence.ts';

/** People that one session may watch. */
const MAX_WATCHED = 500;

/** The people whose coming and going one session is told. [PRES-1] */
export class PresenceWatch implements PresenceWatcher {
  readonly user: UserId;
  readonly #presence: Presence;
  readonly #write: (frame: Buffer) => void;
  readonly #watched = new Map<UserId, UserRef>();

  constructor(user: UserId, presence: Presence, write: (frame: Buffer) => void) {
    this.user = user;
    this.#presence = presence;
    this.#write = write;
  }

  add(user: UserRef): void {
    const id = user.id as UserId;
    if (this.#watched.size >= MAX_WATCHED || this.#watched.has(id)) return;
    this.#watched.set(id, user);
    this.#presence.watch(id, this);
  }

  presence(user: UserId, online: boolean, lastSeenAt: number | null): void {
    const who = this.#watched.get(user);
    if (who !== undefined) this.#write(encodeFrame({ ev: 'presence', user: who, online, lastSeenAt }));
  }

  /** For who must not see, the person is not there. */
  hidden(person: UserId): void {
    this.presence(person, false, null);
    this.#watched.delete(person);
  }

  end(): void {
    for (const id of this.#watched.keys()) this.#presence.unwatch(id, this);
    this.#watched.clear();
  }
}

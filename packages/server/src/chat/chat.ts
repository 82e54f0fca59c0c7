import type { UserId } from '@parley/protocol';
import { Accounts } from './accounts.ts';
import { Contacts } from './contacts.ts';
import { DeviceTouches } from './device-touches.ts';
import { Directory } from './directory.ts';
import { Groups } from './groups.ts';
import { History } from './history.ts';
import type { Clock, DeviceId, Guesses, PasswordHasher, Random, Store, Whereabouts } from './ports/index.ts';
import { Presence } from './presence.ts';
import { type AppendDoor, Sending } from './sending.ts';

/** What the rules need from the rest of the server. */
export interface ChatDeps {
  readonly store: Store;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly random: Random;
  readonly loginFailures: number;
  /** What counts towards that on the other nodes; left out where there are none. */
  readonly guesses?: Guesses | undefined;
  /** Who is on the other nodes; left out where there are none. */
  readonly whereabouts?: Whereabouts | undefined;
  /** The way into the log, and to the sessions whose private state or device changed. */
  readonly delivery: AppendDoor & {
    changed(users: readonly UserId[]): void;
    revoked(user: UserId, devices: readonly DeviceId[]): void;
    /** Calls when what was read from the store before may no longer be true: an older copy of it took over. */
    whenAfresh(forget: () => void): void;
  };
  /** Something that can wait could not be stored. */
  onError(error: unknown): void;
}

/** Everything that users may ask for, whatever dialect they speak. */
export interface Chat {
  readonly accounts: Accounts;
  readonly contacts: Contacts;
  readonly groups: Groups;
  readonly directory: Directory;
  readonly sending: Sending;
  readonly history: History;
  readonly presence: Presence;
  readonly devices: DeviceTouches;
}

/** Puts the rules together. */
export function createChat(deps: ChatDeps): Chat {
  const { store, hasher, clock, random, loginFailures, delivery } = deps;
  const onError = (error: unknown): void => deps.onError(error);
  const onChanged = (users: readonly UserId[]): void => delivery.changed(users);
  const onRevoked = (user: UserId, devices: readonly DeviceId[]): void => delivery.revoked(user, devices);
  const presence = new Presence({ store, clock, whereabouts: deps.whereabouts, onError });
  const directory = new Directory(store, onChanged);
  const accounts = new Accounts({ store, hasher, clock, random, loginFailures, guesses: deps.guesses, onRevoked });
  delivery.whenAfresh(() => {
    directory.forget();
    accounts.forgetRevoked();
  });
  return {
    accounts,
    contacts: new Contacts({ store, directory, presence, onChanged }),
    groups: new Groups({ store, directory, presence, onChanged }),
    directory,
    sending: new Sending(store, delivery),
    history: new History(store, directory),
    presence,
    devices: new DeviceTouches({ store, clock, onError }),
  };
}

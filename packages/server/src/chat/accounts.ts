import { createHash } from 'node:crypto';
import {
  checkClassicPassword,
  checkName,
  checkPassword,
  isLongerThanNames,
  LIMITS,
  nameKey,
  parsePerson,
  type UserId,
} from '@parley/protocol';
import { BoundedCache } from './bounded-cache.ts';
import { ChatError } from './chat-error.ts';
import { LoginGuard, type Origin } from './login-guard.ts';
import {
  type Clock,
  type DeviceId,
  type DeviceRecord,
  type Guesses,
  NO_DEVICE,
  type PasswordHasher,
  type Random,
  type Store,
  type UserRecord,
} from './ports/index.ts';

/** What accounts need. */
export interface AccountsDeps {
  readonly store: Store;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly random: Random;
  /** Wrong passwords for one account, and new accounts, from one address per minute. */
  readonly loginFailures: number;
  /** Undefined: this node is the only one. */
  readonly guesses?: Guesses | undefined;
  /** These devices' sessions must end. */
  onRevoked(user: UserId, devices: readonly DeviceId[]): void;
}

/** Who is logged in on a session. */
export interface Identity {
  readonly user: UserId;
  readonly name: string;
  readonly device: DeviceId;
}

/** A new log-in: the token is known only here and to the client. */
export interface NewLogin extends Identity {
  readonly token: string;
}

/** A log-in with name or number. */
export interface Credentials {
  readonly user: string | number;
  readonly password: string;
  readonly from: Origin;
}

/** An account that somebody wants to make. */
export interface NewAccount {
  readonly name: string;
  readonly password: string;
  readonly dialect: 'native' | 'classic';
  readonly from: Origin;
}

const DEFAULT_DEVICE_NAME = 'unnamed';

/** Devices whose revocation is remembered for log-ins that were under way meanwhile. */
const REMEMBERED_REVOKED = 10_000;

/** What registrations from one address are counted by: no name's key holds a space at its start. */
const REGISTRATION = ' register';

/** Accounts and their devices. [AUTH-1] [IDENT-3] */
export class Accounts {
  readonly #deps: AccountsDeps;
  readonly #guard: LoginGuard;
  readonly #revoked = new BoundedCache<DeviceId, true>(REMEMBERED_REVOKED);

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
    this.#guard = new LoginGuard(deps.clock, deps.loginFailures, deps.guesses);
  }

  /** Makes an account. @throws ChatError bad_name, bad_password, name_taken, rate_limited */
  async register({ name, password, dialect, from }: NewAccount): Promise<UserId> {
    const checkedName = checkName(name);
    if (!checkedName.ok) throw new ChatError('bad_name', { hint: checkedName.reason });
    const checked = dialect === 'classic' ? checkClassicPassword(password) : checkPassword(password);
    if (!checked.ok) throw new ChatError('bad_password', { hint: checked.reason });
    // Counted whatever comes of it: a name that is taken tells as much as a new account costs.
    this.#guard.assertAllowed(REGISTRATION, from);
    this.#guard.failed(REGISTRATION, from);
    // Looked up first, so that a taken name costs no hash; the key decides.
    if ((await this.#deps.store.findUserByKey(checkedName.key)) !== undefined) throw new ChatError('name_taken');
    const passwordHash = await this.#deps.hasher.hash(password);
    const id = await this.#deps.store.createUser({ name, key: checkedName.key, passwordHash });
    if (id === undefined) throw new ChatError('name_taken');
    return id;
  }

  /**
   * The account whose password this is. One answer, after the same time, for an unknown user and a wrong password.
   * The password may be changed meanwhile: see `assertCurrent`.
   */
  async authenticate({ user, password, from }: Credentials): Promise<UserRecord> {
    if (Buffer.byteLength(password) > LIMITS.passwordMaxBytes) throw new ChatError('bad_credentials');
    const account = accountKey(user);
    this.#guard.assertAllowed(account, from);
    const found = await (typeof account === 'number'
      ? this.#deps.store.findUser(account)
      : this.#deps.store.findUserByKey(account));
    const isRight = await this.#deps.hasher.verify(password, found?.passwordHash);
    if (found === undefined || !isRight) {
      this.#guard.failed(account, from);
      throw new ChatError('bad_credentials');
    }
    if (found.disabled) throw new ChatError('account_disabled');
    return found;
  }

  /** The same, and makes a device. @throws ChatError bad_credentials when the password was changed meanwhile */
  async logIn(credentials: Credentials, deviceName: string | undefined): Promise<NewLogin> {
    const user = await this.authenticate(credentials);
    const login = await this.createDevice(user, deviceName);
    // Either the change finds the new device and ends it, or this finds the change.
    try {
      await this.assertCurrent(user);
    } catch (error) {
      await this.#deps.store.revokeDevice(user.id, login.device);
      throw error;
    }
    if (this.#revoked.get(login.device) === true) throw new ChatError('bad_credentials');
    return login;
  }

  /**
   * Call when what a log-in leaves behind is there to be found by a change of the password: hashing takes long, and
   * longer in a queue. [IDENT-3]
   * @throws ChatError bad_credentials when the password was changed since
   */
  async assertCurrent({ id, passwordHash }: Pick<UserRecord, 'id' | 'passwordHash'>): Promise<void> {
    const current = await this.#deps.store.findUser(id);
    if (current?.passwordHash !== passwordHash) throw new ChatError('bad_credentials');
  }

  /** Makes a device for an account that has proved itself. */
  async createDevice(user: Pick<UserRecord, 'id' | 'name'>, deviceName: string | undefined): Promise<NewLogin> {
    const token = this.#deps.random.token();
    const device = await this.#deps.store.createDevice({
      user: user.id,
      name: shortened(deviceName ?? DEFAULT_DEVICE_NAME),
      tokenHash: hashToken(token),
      atMs: this.#deps.clock.now(),
    });
    return { user: user.id, name: user.name, device, token };
  }

  /** Logs in with a device's token. */
  async resume(token: string): Promise<Identity> {
    const found = await this.#deps.store.findDevice(hashToken(token));
    if (found === undefined || this.#revoked.get(found.device.id) === true) throw new ChatError('bad_token');
    if (found.user.disabled) throw new ChatError('account_disabled');
    return { user: found.user.id, name: found.user.name, device: found.device.id };
  }

  /**
   * Changes the password and ends all other devices.
   * @throws ChatError bad_credentials when `current` is wrong, also because somebody else's change was first
   */
  async changePassword(me: Identity, current: string, next: string): Promise<void> {
    const checked = checkPassword(next);
    if (!checked.ok) throw new ChatError('bad_password', { hint: checked.reason });
    const from = await this.#assertPassword(me, current);
    const to = await this.#deps.hasher.hash(next);
    const ended = await this.#deps.store.changePassword({ user: me.user, from, to, keep: me.device });
    if (ended === undefined) throw new ChatError('bad_credentials');
    this.#end(me.user, [...ended, NO_DEVICE]);
  }

  /** Call when an older copy of the database may have taken over: it gives the numbers of devices that it lost to new ones. */
  forgetRevoked(): void {
    this.#revoked.clear();
  }

  devices(me: Identity): Promise<DeviceRecord[]> {
    return this.#deps.store.listDevices(me.user);
  }

  /** Ends one of the account's devices. */
  async revoke(me: Identity, device: DeviceId): Promise<void> {
    if (!(await this.#deps.store.revokeDevice(me.user, device))) throw new ChatError('no_such_device');
    this.#end(me.user, [device]);
  }

  /** The hash that the password fits. A session that somebody left open is no place to guess its password in. [AUTH-2] */
  async #assertPassword(me: Identity, password: string): Promise<string> {
    const from: Origin = { address: `device ${me.device}`, isLoopback: false };
    this.#guard.assertAllowed(me.user, from);
    const account = await this.#deps.store.findUser(me.user);
    const isRight = await this.#deps.hasher.verify(password, account?.passwordHash);
    if (account !== undefined && isRight) return account.passwordHash;
    this.#guard.failed(me.user, from);
    throw new ChatError('bad_credentials');
  }

  #end(user: UserId, devices: readonly DeviceId[]): void {
    for (const device of devices) if (device !== NO_DEVICE) this.#revoked.set(device, true);
    this.#deps.onRevoked(user, devices);
  }
}

/** What guesses are counted by: a number, or a name's key; the empty string is nobody's. */
function accountKey(user: string | number): UserId | string {
  if (typeof user === 'string' && isLongerThanNames(user)) return '';
  const address = parsePerson(user);
  return address?.kind === 'userName' ? nameKey(address.name) : (address?.id ?? '');
}

/** The token is 32 random bytes: a fast hash keeps it as safe as a slow one would. */
function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

function shortened(name: string): string {
  return Array.from(name.toWellFormed()).slice(0, LIMITS.deviceNameCodePoints).join('');
}

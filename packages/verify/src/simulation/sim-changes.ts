import type { UserId } from '@parley/protocol';
import { type Conversation, type ConversationId, type DeviceId, StoreUnavailable } from '@parley/server/ports';
import { type Host, Link, type SimDatabase, StatementFailed } from './database.ts';
import type { OwnWriters } from './own-writers.ts';
import { createDirect, createGroup, type JournalRow, setBlock, type Tables } from './tables.ts';

/** What a transaction changed for others to learn. */
type News = Partial<Pick<JournalRow, 'users' | 'revoked'>>;

interface Place {
  readonly writer: number;
  readonly n: number;
}

const TRIES = 5;

/** One node's transactions besides the log's, as the MySQL store makes them: one writer, heads first, then all at once. */
export class SimChanges {
  readonly #database: SimDatabase;
  readonly #host: Host;
  readonly #writers: OwnWriters;
  #open: { readonly link: Link; readonly writer: number } | undefined;
  #before: Promise<unknown> = Promise.resolve();

  constructor(database: SimDatabase, host: Host, writers: OwnWriters) {
    this.#database = database;
    this.#host = host;
    this.#writers = writers;
  }

  /** @returns whose private state changed */
  setBlock(owner: UserId, peer: UserId, holds: boolean): Promise<readonly UserId[]> {
    const heads = [...this.#database.tables.logs.values()]
      .filter(({ conversation }) => conversation.kind === 'direct' && isBetween(conversation, owner, peer))
      .map(({ conversation }) => conversation.id);
    return this.#inTurn(`block ${owner} ${peer}`, heads, (tables) => ({
      users: setBlock(tables, { owner, peer, holds }),
    }));
  }

  /** Nothing when there is one already. @returns whose private state changed */
  openDirect(low: UserId, high: UserId): Promise<readonly UserId[]> {
    return this.#inTurn(`direct ${low} ${high}`, [], (tables) => {
      const all = [...tables.logs.values()].map(({ conversation }) => conversation);
      if (all.some((conversation) => isBetween(conversation, low, high))) return {};
      createDirect(tables, [low, high], this.#database.drawNumber());
      return { users: [low, high] };
    });
  }

  /** `made` is told when it is there. @returns whose private state changed */
  createGroup(owner: UserId, creation: string, made: (group: Conversation) => void): Promise<readonly UserId[]> {
    return this.#inTurn('group', [], (tables) => {
      made(createGroup(tables, [owner], { number: this.#database.drawNumber(), creation }));
      return { users: [owner] };
    });
  }

  async revoke(user: UserId, device: DeviceId): Promise<void> {
    await this.#inTurn(`revoke ${device}`, [], (tables) => {
      tables.revoked.add(device);
      return { revoked: { user, devices: [device] } };
    });
  }

  async #inTurn(
    label: string,
    heads: readonly ConversationId[],
    apply: (tables: Tables) => News,
  ): Promise<readonly UserId[]> {
    const before = this.#before;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#before = promise;
    await before;
    try {
      return await this.#transact(label, heads, apply);
    } finally {
      resolve();
    }
  }

  async #transact(
    label: string,
    heads: readonly ConversationId[],
    apply: (tables: Tables) => News,
  ): Promise<readonly UserId[]> {
    let users: readonly UserId[] = [];
    for (let tries = 1; ; tries += 1) {
      const { link, writer } = this.#writer();
      const place = { writer, n: this.#writers.lastOf(writer) + 1 };
      try {
        if (heads.length > 0) await link.lock(heads, false);
        const done = await link.commit(() =>
          this.#write(place, (tables) => {
            const news = apply(tables);
            users = news.users ?? [];
            return news;
          }),
        );
        // Only one that was given up finds its place taken.
        if (!done) throw new StatementFailed('lost');
        this.#writers.wrote(writer, place.n);
        return users;
      } catch (error) {
        const why = error instanceof StatementFailed ? error.why : 'lost';
        if (why === 'lost' || why === 'unknown') this.#giveUp();
        else link.locks.clear();
        if (why === 'unknown' && (await this.#isTaken(place))) return users;
        if (why === 'lost' || why === 'unknown' || tries === TRIES) throw new StoreUnavailable(label);
      }
    }
  }

  /** Nothing when its place in the journal is taken: then it counts as never done. */
  #write(place: Place, apply: (tables: Tables) => News): boolean {
    const { tables } = this.#database;
    if (tables.journal.some(({ writer, n }) => writer === place.writer && n === place.n)) return false;
    const { users = [], revoked } = apply(tables);
    tables.journal.push({ ...place, heads: [], users, revoked });
    return true;
  }

  /** Takes its place, so that it is surely done or never will be. */
  async #isTaken(place: Place): Promise<boolean> {
    const link = new Link(this.#database, this.#host, 'place');
    try {
      return !(await link.commit(() => this.#write(place, () => ({}))));
    } catch {
      throw new StoreUnavailable('simulated');
    } finally {
      link.close();
    }
  }

  #writer(): { link: Link; writer: number } {
    const { link, writer = 0 } = this.#open ?? {};
    if (link?.isLost === true || this.#writers.isRetired(writer)) this.#giveUp();
    if (this.#open === undefined) {
      const begun = this.#writers.begin();
      this.#database.tables.writers.add(begun);
      this.#open = { link: new Link(this.#database, this.#host, 'state'), writer: begun };
    }
    return this.#open;
  }

  #giveUp(): void {
    this.#open?.link.close();
    if (this.#open !== undefined) this.#writers.gaveUp(this.#open.writer);
    this.#open = undefined;
  }
}

function isBetween(conversation: Conversation, one: UserId, other: UserId): boolean {
  if (conversation.kind !== 'direct') return false;
  const { low, high } = conversation;
  return (low === one && high === other) || (low === other && high === one);
}

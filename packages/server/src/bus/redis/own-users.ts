import type { UserId } from '@parley/protocol';

/** One step from what was told to what is. */
export interface Change {
  /** Of this change; others that know the one before need not load anything. */
  readonly number: number;
  readonly came: readonly UserId[];
  readonly left: readonly UserId[];
}

/** Users in one message. */
const PAGE = 1_000;

/** The users of this node, and what the others were told of them. */
export class OwnUsers {
  readonly #here = new Set<UserId>();
  readonly #told = new Set<UserId>();
  readonly #changed = new Set<UserId>();
  #number = 0;

  /** Of the last change that was taken. */
  get number(): number {
    return this.#number;
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  set(user: UserId, isHere: boolean): void {
    if (isHere) this.#here.add(user);
    else this.#here.delete(user);
    if (isHere === this.#told.has(user)) this.#changed.delete(user);
    else this.#changed.add(user);
  }

  /** @returns what has to be told, in order; it then counts as told */
  takeChanges(): Change[] {
    const users = [...this.#changed];
    this.#changed.clear();
    return pages(users).map((page) => {
      this.#number += 1;
      return { number: this.#number, ...this.#tell(page) };
    });
  }

  /**
   * @returns all who are here, in pages; they then count as told. A number is left out, so that everyone who knew this
   * node loads it again.
   */
  takeAll(): UserId[][] {
    this.#number += 2;
    this.#changed.clear();
    this.#told.clear();
    for (const user of this.#here) this.#told.add(user);
    return pages([...this.#here]);
  }

  #tell(users: readonly UserId[]): { came: UserId[]; left: UserId[] } {
    const came = users.filter((user) => this.#here.has(user));
    const left = users.filter((user) => !this.#here.has(user));
    for (const user of came) this.#told.add(user);
    for (const user of left) this.#told.delete(user);
    return { came, left };
  }
}

function pages(users: readonly UserId[]): UserId[][] {
  const count = Math.ceil(users.length / PAGE);
  return Array.from({ length: count }, (_, index) => users.slice(index * PAGE, (index + 1) * PAGE));
}

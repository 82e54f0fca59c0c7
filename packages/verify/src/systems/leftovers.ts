/** A process of ours. */
interface Ending {
  readonly isRunning: boolean;
  /** Sends SIGKILL at once. */
  kill(): Promise<void>;
}

/** What a run has made and not yet removed: for an end at once, when there is no time to put everything back in order. */
export class Leftovers {
  readonly #processes: Ending[] = [];
  readonly #places = new Map<string, string>();

  /** One that may be killed. */
  process(process: Ending): void {
    this.#processes.push(process);
  }

  /** Something on disk or mounted, and how a person removes it. Dispose of what is returned when it is gone. */
  place(name: string, removal: string): Disposable {
    this.#places.set(name, removal);
    return { [Symbol.dispose]: () => this.#places.delete(name) };
  }

  /** Kills every process that runs. The kernel lets them end. */
  killAll(): void {
    // A frozen one dies of it, too.
    for (const process of this.#processes) if (process.isRunning) void process.kill();
  }

  /** How to remove what stays. */
  get removals(): readonly string[] {
    return [...this.#places.values()].reverse();
  }
}

import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The wall clock of one node, which can be set forward and back. */
export class NodeClock {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = path.join(folder, 'clock');
  }

  /** For the node's start. */
  get nodeOptions(): string[] {
    return [`--import=${path.join(import.meta.dirname, 'stepping-clock.ts')}`];
  }

  get env(): Record<string, string> {
    return { PARLEY_VERIFY_CLOCK: this.#file };
  }

  /** From within a moment on it is ahead of the true time by so much. */
  async set(aheadMs: number): Promise<void> {
    await writeFile(this.#file, String(aheadMs));
  }
}

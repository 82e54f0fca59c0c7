import type { FaultyNode, FaultyPath, FaultyServer, System } from '../../src/systems/system.ts';

/** How a system that does nothing answers. */
export interface FakeOptions {
  readonly nodes: number;
  /** Awaited by each thing that is done to it. */
  readonly answer: () => Promise<void>;
}

/** A cluster that does nothing, and notes what of it is broken. A node's start fails while its database is away. */
export class FakeSystem {
  /** What is broken at the moment. */
  readonly broken = new Set<string>();
  /** Something was broken that was broken already, or put back that was not. */
  readonly clashes: string[] = [];
  readonly system: System;
  readonly #answer: () => Promise<void>;

  constructor({ nodes, answer }: FakeOptions) {
    this.#answer = answer;
    this.system = {
      store: 'mysql',
      endpoints: [],
      asked: [],
      nodes: Array.from({ length: nodes }, (_, index) => this.#node(`node${index + 1}`)),
      database: this.#server('database'),
      redis: this.#server('redis'),
      nginx: this.#server('nginx'),
      disk: { fill: () => this.#break('database'), empty: () => this.#mend('database') },
      isOurs: true,
      heal: async () => {},
      readDatabase: undefined,
      [Symbol.asyncDispose]: async () => {},
    };
  }

  #node(name: string): FaultyNode {
    const path = this.#path(name);
    return {
      name,
      port: 0,
      pid: 0,
      isRunning: true,
      lastWords: '',
      mishaps: [],
      kill: () => this.#break(name),
      freeze: () => this.#breakNow(name),
      thaw: () => this.#mendNow(name),
      drain: async () => {
        await this.#break(name);
        return 0;
      },
      start: async () => {
        await this.#answer();
        if (this.broken.has('database')) throw new Error('no database');
        this.#mendNow(name);
      },
      setClock: (ahead) => (ahead === 0 ? this.#mend(name) : this.#break(name)),
      storePath: path,
      busPath: path,
    };
  }

  #server(name: string): FaultyServer {
    return {
      name,
      kill: () => this.#break(name),
      freeze: () => this.#breakNow(name),
      thaw: () => this.#mendNow(name),
      restart: () => this.#mend(name),
    };
  }

  /** The words pass at once. */
  #path(name: string): FaultyPath {
    const passing = {
      cutBefore: () => {},
      cutAfter: () => {},
      holdAnswer: (act: (release: () => void) => void) => act(() => {}),
    };
    return {
      hang: () => this.#breakNow(name),
      cut: () => {},
      heal: () => this.#mendNow(name),
      onSent: (_text, act) => act(passing),
      forget: () => {},
    };
  }

  async #break(name: string): Promise<void> {
    this.#breakNow(name);
    await this.#answer();
  }

  async #mend(name: string): Promise<void> {
    await this.#answer();
    this.#mendNow(name);
  }

  #breakNow(name: string): void {
    if (this.broken.has(name)) this.clashes.push(`${name} was broken already`);
    this.broken.add(name);
  }

  #mendNow(name: string): void {
    if (!this.broken.delete(name)) this.clashes.push(`${name} was well`);
  }
}

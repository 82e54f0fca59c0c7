import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { assertLine } from './line-schema.ts';

const PACKAGES = path.join(import.meta.dirname, '../../..');
const DEADLINE_MS = 30_000;

/** How a run of the program ended. */
export interface Ran {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  /** What it runs under: a program and its arguments, which ends by becoming ours. */
  readonly under?: readonly string[];
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has said so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ran>;
}

/** A real server, a folder for clients' files, and the real program. All is gone when the test ends. */
export class World {
  readonly folder: string;
  readonly #t: TestContext;
  #server: Running | undefined;
  #port = 0;

  private constructor(t: TestContext) {
    this.#t = t;
    this.folder = mkdtempSync(path.join(tmpdir(), 'parley-e2e-'));
    t.after(async () => {
      await this.killServer();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** With a server that is ready. */
  static async open(t: TestContext): Promise<World> {
    const world = new World(t);
    await world.startServer();
    return world;
  }

  /** With a server that somebody else started, at HOST:PORT. */
  static openAt(t: TestContext, server: string): World {
    const world = new World(t);
    world.#port = Number(server.split(':').at(-1));
    return world;
  }

  /** HOST:PORT of the server. */
  get server(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Starts the server, again on the same port and the same data. */
  async startServer(): Promise<void> {
    const env = {
      PARLEY_STORE: `sqlite:${path.join(this.folder, 'data/parley.db')}`,
      PARLEY_LISTEN: this.#port === 0 ? '127.0.0.1:0' : this.server,
    };
    this.#server = spawnNode([path.join(PACKAGES, 'server/src/main.ts')], { env: cleanEnv(env) });
    await waitFor(
      () => this.#server?.stdout().includes('Ctrl-C') === true,
      () => this.#server?.stderr() ?? '',
    );
    this.#port = Number(/ready on \S+:(\d+)/.exec(this.#server.stdout())?.[1]);
  }

  /** Kills the server outright (-9); `wait`: waits for one that was told to stop. */
  async killServer(how: 'kill' | 'wait' = 'kill'): Promise<void> {
    if (how === 'kill') this.#server?.child.kill('SIGKILL');
    await this.#server?.ended;
  }

  stopServer(signal: NodeJS.Signals): void {
    this.#server?.child.kill(signal);
  }

  /** Starts the program; `--server` and the folder for its files are set. */
  start(args: readonly string[], { stdin, under = [], env = {} }: RunOptions = {}): Running {
    const own = { PARLEY_HOME: path.join(this.folder, 'home'), PARLEY_SERVER: this.server, ...env };
    const command = [path.join(PACKAGES, 'cli/src/main.ts'), ...args];
    const running = spawnNode(command, { under, env: cleanEnv(own) });
    this.#t.after(() => running.child.kill('SIGKILL'));
    running.child.stdin.on('error', () => {}); // it may end without reading
    if (stdin !== undefined) running.child.stdin.end(stdin);
    return running;
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return await this.start(args, { stdin: '', ...options }).ended;
  }

  /** Makes accounts, each in a profile of its name. */
  async register(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const ran = await this.run(['register', name, '--password-stdin'], { stdin: `secret-of-${name}\n` });
      if (ran.exit !== 0) throw new Error(`${name} is not registered: ${ran.stderr}`);
    }
  }
}

/** Resolves when `holds` does; rejects with what `explain` says after a while. */
export async function waitFor(holds: () => boolean | Promise<boolean>, explain: () => string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${explain()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** The lines of JSON in a text; those that are whole (not cut by --fields) are held against their schema. */
export function objects(text: string): Record<string, unknown>[] {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) if (line['v'] !== undefined) assertLine(line);
  return lines;
}

/** Nothing of the developer's own settings reaches the programs. */
function cleanEnv(own: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PARLEY_|XDG_|NODE_OPTIONS|NODE_TEST_CONTEXT|TERM$)/.test(name),
  );
  const all = { ...Object.fromEntries(kept), ...own };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function spawnNode(
  args: readonly string[],
  { under = [], env }: { under?: readonly string[]; env: NodeJS.ProcessEnv },
): Running {
  const [program = '', ...rest] = [...under, process.execPath, '--conditions=@parley/source', ...args];
  const child = spawn(program, rest, { env, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ exit: code ?? signal ?? 'unknown', stdout, stderr }));
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

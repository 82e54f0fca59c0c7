import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchContext } from '../context.ts';
import { CLI, COMPILE_CACHE } from '../places.ts';

/** Runs of each program, in turns. What else the machine does only ever adds, so the least says most. */
const RUNS = 21;

/** Start of the command's verbs, from nothing to the end of the process; the bound is a bare `node -e 0` in turns. */
export async function benchStart(context: BenchContext): Promise<void> {
  const { report } = context;
  report.begin(`start of the command, ${RUNS} runs in turns with node -e 0 (called relay here)`);
  await using parley = await context.startParley();
  const home = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  try {
    const program = new Program(home, parley.port);
    await program.run(['register', 'starter', '--password-stdin'], 'a long password\n');
    const times = { node: [] as number[], help: [] as number[], send: [] as number[] };
    for (let round = 0; round < RUNS; round += 1) {
      times.node.push(await program.bare());
      times.help.push(await program.run(['--help']));
      times.send.push(await program.run(['send', 'u1', 'hello']));
    }
    const shared = { better: 'less', unit: 'ms', bound: times.node } as const;
    report.add({ ...shared, name: 'parley --help', ours: times.help, limits: [{ of: 'best', atMost: 80 }] });
    report.add({ ...shared, name: 'parley send', ours: times.send, limits: [] });
    report.add({
      ...shared,
      name: 'parley send, its own time (without the bare node of its turn)',
      ours: times.send.map((time, run) => time - (times.node[run] ?? Number.NaN)),
      bound: [],
      limits: [{ of: 'median', atMost: 150 }],
    });
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** The command, run from its sources with kept compilations as the launcher does. */
class Program {
  readonly #env: NodeJS.ProcessEnv;

  constructor(home: string, port: number) {
    const { PATH } = process.env;
    this.#env = {
      PATH,
      PARLEY_HOME: home,
      PARLEY_SERVER: `127.0.0.1:${port}`,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
    };
  }

  async bare(): Promise<number> {
    return await this.#time(['-e', '0']);
  }

  async run(args: readonly string[], input = ''): Promise<number> {
    return await this.#time(['--conditions=@parley/source', CLI, ...args], input);
  }

  /** Milliseconds until it has ended. */
  async #time(args: readonly string[], input = ''): Promise<number> {
    const start = performance.now();
    const child = spawn(process.execPath, args, { env: this.#env, stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
    const code = await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
    return performance.now() - start;
  }
}

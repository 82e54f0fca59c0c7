import { parseArgs } from 'node:util';

/** Every bench, in the order in which they run. */
export const BENCHES = ['pairs', 'fanout', 'login', 'resume', 'idle', 'slow-commit', 'ack-latency', 'start'] as const;
/** Those, and the one of `--cluster`, which needs real MySQL, MariaDB, Redis and nginx. */
export type BenchName = (typeof BENCHES)[number] | 'cluster';

export interface BenchOptions {
  readonly benches: readonly BenchName[];
  readonly dialects: readonly ('classic' | 'native')[];
  readonly pairs: number;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Messages in the database before the start, in 20,000 conversations. */
  readonly messages: number;
  readonly idleSessions: number;
  readonly profile: boolean;
  /** Ends with 1 when a figure misses what was wanted, not only when something is wrong. */
  readonly strict: boolean;
  readonly json: string | undefined;
}

export const HELP = `npm run bench -- [BENCH …] [options]

Benches (default: all): ${BENCHES.join(' ')}

  --cluster       instead: two nodes on MariaDB and on MySQL, with Redis, straight and through nginx
  --dialect D     of pairs: classic or native (default: both)
  --pairs N       pairs that play at once (100)
  --rounds N      rounds; Parley and the relay take turns (3)
  --seconds S     measured time of a round, 1 to 20 (4)
  --warm-up S     time before that (1)
  --messages N    messages in the database before the start (1000000)
  --idle N        sessions that are logged in and idle (5000)
  --profile       write CPU profiles of the server to ./data/bench/profiles
  --strict        end with 1 when a figure misses what was wanted
  --json FILE     write all figures and rounds to FILE

Figures count only as ratios: Parley ÷ a bare relay that was measured in the same run, in turns.`;

/**
 * Reads the command line.
 * @returns undefined when help was asked for
 * @throws Error with one sentence
 */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      dialect: { type: 'string' },
      pairs: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      'warm-up': { type: 'string', default: '1' },
      messages: { type: 'string', default: '1000000' },
      idle: { type: 'string', default: '5000' },
      cluster: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    benches: values.cluster ? ['cluster'] : positionals.length === 0 ? BENCHES : positionals.map(benchName),
    dialects: values.dialect === undefined ? ['classic', 'native'] : [dialectName(values.dialect)],
    pairs: number('pairs', values.pairs, [1, 1_000]),
    rounds: number('rounds', values.rounds, [1, 100]),
    // Idle native sessions are closed after 30 s, and a round of the relay is one of waiting for Parley's.
    measureMs: number('seconds', values.seconds, [0.1, 20]) * 1_000,
    warmUpMs: number('warm-up', values['warm-up'], [0, 5]) * 1_000,
    messages: number('messages', values.messages, [20_000, 50_000_000]),
    idleSessions: number('idle', values.idle, [1, 10_000]),
    profile: values.profile,
    strict: values.strict,
    json: values.json,
  };
}

function benchName(word: string): BenchName {
  const found = BENCHES.find((name) => name === word);
  if (found === undefined) throw new Error(`there is no bench ${word}; there are ${BENCHES.join(', ')}`);
  return found;
}

function dialectName(word: string): 'classic' | 'native' {
  if (word !== 'classic' && word !== 'native') throw new Error(`--dialect is classic or native, not ${word}`);
  return word;
}

function number(name: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (!(value >= least && value <= most))
    throw new Error(`--${name} is a number from ${least} to ${most}, not ${text}`);
  return value;
}

// `npm run simulate`: see HELP.
import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { runRandom } from './random-run.ts';
import type { Scope } from './scope.ts';
import { LARGE_SCOPES, SCOPES } from './scopes.ts';
import type { StoreMistakes } from './sim-store.ts';

const HELP = `npm run simulate -- [options]

Runs worlds by chance, each made and moved by its seed, and judges each. Ends with 1 when a rule is broken, with 2 for
a wrong command line.

  --seeds N     how many   [2000]
  --first N     the first seed   [1]
  --steps N     how many things happen in each before all is healed   [400]
  --trace       tell every step (with --seeds 1)
  --until A,B   end with the first seed that breaks one of these rules
  --scopes      try every course of every small scope instead
  --large       with --scopes: the larger ones
  --scope TEXT  of those scopes only whose names have this
  --only NAME   of those scopes only this one
  --states N    give up a scope after so many states   [1000000]
`;

const OPTIONS = {
  seeds: { type: 'string', default: '2000' },
  first: { type: 'string', default: '1' },
  steps: { type: 'string', default: '400' },
  trace: { type: 'boolean', default: false },
  until: { type: 'string', default: '' },
  scopes: { type: 'boolean', default: false },
  large: { type: 'boolean', default: false },
  scope: { type: 'string', default: '' },
  only: { type: 'string' },
  states: { type: 'string', default: '1000000' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;
const values = readOptions();
// Only tests make mistakes.
const mistakes = JSON.parse(process.env['PARLEY_TEST_MISTAKES'] ?? '{}') as StoreMistakes;
const startedMs = performance.now();

if (values.help) process.stdout.write(HELP);
else if (values.scopes) process.exitCode = await tryScopes();
else process.exitCode = await trySeeds();

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    for (const name of ['seeds', 'first', 'steps', 'states'] as const) {
      if (!/^\d+$/.test(values[name])) throw new Error(`--${name} must be a whole number, not '${values[name]}'`);
    }
    return values;
  } catch (error) {
    const [what] = (error as Error).message.split('\n');
    process.stderr.write(`simulate: ${what}\n`);
    return process.exit(2);
  }
}

async function trySeeds(): Promise<number> {
  const [seeds, first, steps] = [values.seeds, values.first, values.steps].map(Number) as [number, number, number];
  const until = new Set(values.until.split(','));
  const onStep = values.trace ? (label: string) => say(`  ${label}`) : undefined;
  let broken = 0;
  let run = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const complaints = await runRandom({ seed, steps, mistakes, onStep });
    run += 1;
    if (complaints.length === 0) continue;
    broken += 1;
    say([`seed ${seed}`, ...complaints.slice(0, 5)].join('\n  '));
    if (complaints.some((line) => until.has(line.slice(0, line.indexOf(':'))))) break;
  }
  const minutes = (performance.now() - startedMs) / 60_000;
  say(`${run} seeds, ${broken} break a rule; ${Math.round(run / minutes)} seeds a minute`);
  return broken > 0 ? 1 : 0;
}

async function tryScopes(): Promise<number> {
  const isAsked = ({ name }: Scope) => name.includes(values.scope) && name === (values.only ?? name);
  let broken = 0;
  let all = 0;
  for (const scope of (values.large ? LARGE_SCOPES : SCOPES).filter(isAsked)) {
    const found = await explore(scope, { mostStates: Number(values.states), mistakes });
    const { states, courses, ends, isWhole } = found;
    all += states;
    say(`${scope.name}: ${states} states, ${courses} courses, ${ends.size} ends${isWhole ? '' : ', not all'}`);
    if (found.broken === undefined) continue;
    broken += 1;
    say(`  ${[...found.broken.complaints, 'after:', ...found.broken.course].join('\n  ')}`);
  }
  say(`${broken} scopes break a rule; ${all} states in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  return broken > 0 ? 1 : 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

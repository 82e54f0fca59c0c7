// `npm run simulate`: see HELP.
import { explore } from './explore.ts';
import { HELP, readOptions, type ScopeOptions, type SeedOptions } from './options.ts';
import { runRandom } from './random-run.ts';
import type { StoreMistakes } from './sim-store.ts';

const EXIT_USAGE = 2;

// Only tests make mistakes.
const mistakes = JSON.parse(process.env['PARLEY_TEST_MISTAKES'] ?? '{}') as StoreMistakes;
const startedMs = performance.now();

process.exitCode = await main();

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`simulate: ${(error as Error).message}\n`);
    return EXIT_USAGE;
  }
  if (options?.kind === 'scopes') return tryScopes(options);
  if (options?.kind === 'seeds') return trySeeds(options);
  process.stdout.write(HELP);
  return 0;
}

async function trySeeds({ first, seeds, steps, isTraced, until }: SeedOptions): Promise<number> {
  const onStep = isTraced ? (label: string) => say(`  ${label}`) : undefined;
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

async function tryScopes({ scopes, mostStates }: ScopeOptions): Promise<number> {
  let broken = 0;
  let all = 0;
  for (const scope of scopes) {
    const found = await explore(scope, { mostStates, mistakes });
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

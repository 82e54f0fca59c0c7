// `npm run simulate`: see HELP.
import { parseArgs } from 'node:util';
import { runRandom } from './random-run.ts';
import type { StoreMistakes } from './sim-store.ts';

const HELP = `npm run simulate -- [options]

Runs worlds by chance, each made and moved by its seed, and judges each. Ends with 1 when a rule is broken.

  --seeds N     how many   [2000]
  --first N     the first seed   [1]
  --steps N     how many things happen in each before all is healed   [400]
  --trace       tell every step (with --seeds 1)
  --until A,B   end with the first seed that breaks one of these rules
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    first: { type: 'string', default: '1' },
    steps: { type: 'string', default: '400' },
    trace: { type: 'boolean', default: false },
    until: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const [seeds, first, steps] = [values.seeds, values.first, values.steps].map(Number) as [number, number, number];
  const until = new Set(values.until.split(','));
  const startedMs = performance.now();
  // Only tests make mistakes.
  const mistakes = JSON.parse(process.env['PARLEY_TEST_MISTAKES'] ?? '{}') as StoreMistakes;
  const onStep = values.trace ? (label: string) => process.stdout.write(`  ${label}\n`) : undefined;
  let broken = 0;
  let run = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const complaints = await runRandom({ seed, steps, mistakes, onStep });
    run += 1;
    if (complaints.length === 0) continue;
    broken += 1;
    process.stdout.write(
      `seed ${seed}\n${complaints
        .slice(0, 5)
        .map((line) => `  ${line}\n`)
        .join('')}`,
    );
    if (complaints.some((line) => until.has(line.slice(0, line.indexOf(':'))))) break;
  }
  const minutes = (performance.now() - startedMs) / 60_000;
  process.stdout.write(`${run} seeds, ${broken} break a rule; ${Math.round(run / minutes)} seeds a minute\n`);
  return broken > 0 ? 1 : 0;
}

import type { Impact } from './impact.ts';
import { printable } from './printable.ts';
import type { Verdict } from './verdict.ts';
import { wrap } from './wrap.ts';

const INDENT = '    ';
/** Lines of the history may be of any length; they are all in the file. */
const MOST_EVIDENCE = 240;

/** The verdict for people. */
export function describeVerdict(verdict: Verdict): string {
  return [
    '',
    ...faultLines(verdict),
    ...verdict.rules.flatMap(ruleLines),
    '',
    ...verdict.problems.flatMap((problem) => wrap('✖ ', problem)),
    ...closing(verdict),
  ].join('\n');
}

function ruleLines({ rule, says, violations, limit, first }: Verdict['rules'][number]): string[] {
  const mark = violations > 0 ? '✖' : limit === undefined ? '✔' : '◐';
  return [
    ...wrap(`${mark} ${rule.padEnd(13)}`, says),
    ...(limit === undefined ? [] : wrap(' '.repeat(15), `(${limit})`)),
    ...(violations === 0
      ? []
      : [`${INDENT}${plural(violations, 'violation')}${violations > first.length ? ', the first of them:' : ':'}`]),
    ...first.flatMap(({ what, evidence }) => [
      ...wrap(INDENT, what),
      ...evidence.map((line) => `${INDENT}  ${printable(line.slice(0, MOST_EVIDENCE))}`),
    ]),
  ];
}

function closing({ ok, seed, counts, problems, rules, faults, truth, history }: Verdict): string[] {
  const total = rules.reduce((sum, { violations }) => sum + violations, 0);
  const place = truth === 'database' ? 'in the database' : 'as nodes show them';
  const seedOption = seed === undefined ? '' : ` (--seed ${seed})`;
  const unread =
    'The database was not read (--database): where a rule says “the database”, what nodes show stands for it.';
  const done = `${n(counts.acknowledged)} messages acknowledged, ${n(counts.deliveries)} deliveries to ${n(counts.sessions)} sessions, ${n(counts.entries)} entries ${place}, ${plural(faults.length, 'fault')}`;
  return [
    ...wrap('', done),
    ...(truth === 'database' ? [] : wrap('◐ ', unread)),
    ...(ok
      ? [`✔ every rule holds${truth === 'database' ? '' : ', as far as nodes show it'}${seedOption}`]
      : [
          `✖ ${plural(total, 'violation')}, ${plural(problems.length, 'problem')}${seedOption}`,
          `  look again: --history ${history}`,
        ]),
  ];
}

function faultLines({ faults, untried }: Verdict): string[] {
  const left = untried.length === 0 ? [] : wrap('   0 × ', untried.join(', '));
  if (faults.length + left.length === 0) return [];
  return [...faults.flatMap(describeFault), '', ...summary(faults), ...left, ''];
}

/** What was done, and below it what was noticed. */
function describeFault(impact: Impact): string[] {
  const { fault, what, beginMs, endMs, sessions, recoveriesMs, silenceMs, errors } = impact;
  const noticed = [
    sessions === 0 ? 'no session ended' : `${plural(sessions, 'session')} ended, ${backAfter(recoveriesMs)}`,
    `nothing acknowledged for ${seconds(silenceMs)}`,
    ...Object.entries(errors).map(([code, count]) => `${n(count)} × ${code}`),
  ];
  return [
    `${seconds(beginMs).padStart(8)} to ${seconds(endMs)}  ${fault}: ${printable(what)}`,
    ...(impact.with.length === 0 ? [] : [`${INDENT.repeat(3)}together with ${impact.with.join(', ')}`]),
    ...noticed.map((line) => `${INDENT.repeat(3)}${printable(line)}`),
  ];
}

/** Each kind once, how many of it were felt, and the slowest hundredth of what its sessions needed to come back. */
function summary(faults: readonly Impact[]): string[] {
  return [...Map.groupBy(faults, ({ fault }) => fault)].flatMap(([fault, group]) => {
    const recoveries = group.flatMap(({ recoveriesMs }) => recoveriesMs).sort((a, b) => a - b);
    const back = recoveries.length === 0 ? '' : `, sessions ${backAfter(recoveries)}`;
    return wrap(`${String(group.length).padStart(4)} × `, `${fault}${feltBy(group)}${back}`);
  });
}

/** Acknowledgements pause for less now and then, whatever happens. */
const SILENCE_MS = 1_000;

/** A fault that nobody feels proves little; some need not be felt, and then the rules show that nothing came of them. */
function feltBy(faults: readonly Impact[]): string {
  const felt = faults.filter(
    ({ sessions, errors, silenceMs }) => sessions > 0 || silenceMs >= SILENCE_MS || Object.keys(errors).length > 0,
  );
  if (felt.length === faults.length) return '';
  return felt.length === 0 ? ', not felt' : `, ${felt.length} of them felt`;
}

/** Median, 99th percentile and longest. */
function backAfter(sorted: readonly number[]): string {
  if (sorted.length === 0) return 'none came back';
  const at = (share: number): string =>
    seconds(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  if (sorted.length === 1) return `back after ${at(1)}`;
  return `back after ${at(0.5)} (p99 ${at(0.99)}, longest ${at(1)})`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function plural(count: number, word: string): string {
  return `${n(count)} ${word}${count === 1 ? '' : 's'}`;
}

function n(count: number): string {
  return count.toLocaleString('en');
}

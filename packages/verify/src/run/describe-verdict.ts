import type { Impact } from './impact.ts';
import type { Verdict } from './verdict.ts';

/** The verdict for people. */
export function describeVerdict(verdict: Verdict): string {
  const { ok, counts, problems, rules, faults, history } = verdict;
  const total = rules.reduce((sum, { violations }) => sum + violations, 0);
  return [
    '',
    ...faultLines(faults),
    ...rules.flatMap(({ rule, says, violations, first }) => [
      `${violations === 0 ? '✔' : '✖'} ${rule.padEnd(13)} ${says}${violations === 0 ? '' : `: ${violations} violations`}`,
      ...first.flatMap(({ what, evidence }) => [`    ${what}`, ...evidence.map((line) => `      ${line}`)]),
    ]),
    '',
    ...problems.map((problem) => `✖ ${problem}`),
    `${n(counts.acknowledged)} messages acknowledged, ${n(counts.deliveries)} deliveries to ${n(counts.sessions)} sessions, ${n(counts.entries)} entries in the database, ${faults.length} faults`,
    ok
      ? `✔ every rule holds (--seed ${verdict.seed})`
      : `✖ ${total} violations, ${problems.length} problems (--seed ${verdict.seed}; look again: --history ${history})`,
    '',
  ].join('\n');
}

function faultLines(faults: readonly Impact[]): string[] {
  if (faults.length === 0) return [];
  const rows = faults.map(({ fault, what, beginMs, endMs, sessions, recoveriesMs, silenceMs, errors }) => [
    `${seconds(beginMs)}–${seconds(endMs)}`,
    fault,
    what,
    sessions === 0 ? 'no session ended' : `${sessions} sessions ended, back after ${spread(recoveriesMs)}`,
    `nothing acknowledged for ${seconds(silenceMs)}`,
    Object.entries(errors)
      .map(([code, count]) => `${count} × ${code}`)
      .join(', ') || 'no errors',
  ]);
  return [...rows.map((cells) => `  ${cells.join(' · ')}`), '', ...summary(faults), ''];
}

/** Each kind once, with the slowest hundredth of what its sessions needed to come back. */
function summary(faults: readonly Impact[]): string[] {
  return [...Map.groupBy(faults, ({ fault }) => fault)].map(([fault, group]) => {
    const recoveries = group.flatMap(({ recoveriesMs }) => recoveriesMs).sort((a, b) => a - b);
    const back = recoveries.length === 0 ? '' : `, sessions back after ${spread(recoveries)}`;
    return `  ${group.length} × ${fault}${back}`;
  });
}

/** Median, 99th percentile and longest. */
function spread(sorted: readonly number[]): string {
  if (sorted.length === 0) return 'never';
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return `${seconds(at(0.5))} (p99 ${seconds(at(0.99))}, longest ${seconds(at(1))})`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function n(count: number): string {
  return count.toLocaleString('en');
}

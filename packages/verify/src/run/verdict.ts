import type { Finding } from '../checkers/check-history.ts';
import type { History } from '../checkers/history.ts';
import { RULES, type RuleName, type Violation } from '../checkers/violation.ts';
import { readLines } from '../history/read-history.ts';
import { type Impact, impactsOf } from './impact.ts';

/** What a run showed. */
export interface Verdict {
  readonly ok: boolean;
  readonly seed: number | undefined;
  readonly store: string | undefined;
  /** `nodes`: the database was not read, and what nodes show stands in its place. */
  readonly truth: 'database' | 'nodes';
  /** What spoils it beside violations: something was not settled, a node ended by itself, a fault showed a broken promise. */
  readonly problems: readonly string[];
  readonly counts: Counts;
  readonly rules: readonly RuleVerdict[];
  readonly faults: readonly Impact[];
  /** Faults that were asked for, and whose turn did not come. */
  readonly untried: readonly string[];
  readonly history: string;
}

/** How much was looked at. */
export interface Counts {
  readonly acknowledged: number;
  readonly calls: number;
  readonly deliveries: number;
  readonly sessions: number;
  readonly entries: number;
}

interface RuleVerdict {
  readonly rule: string;
  readonly says: string;
  readonly violations: number;
  /** What of it was not judged; undefined: nothing. */
  readonly limit: string | undefined;
  readonly first: readonly Shown[];
}

/** A violation with lines of the history: those that show it, and some around them. */
export interface Shown extends Violation {
  readonly evidence: readonly string[];
}

/** What led to a verdict. */
export interface Judged {
  readonly history: History;
  readonly findings: readonly Finding[];
  readonly file: string;
}

const SHOWN = 5;
/** Lines of the history before and after one that shows a violation. */
const AROUND = 1;

/** What a rule loses when the database is not read. */
const WITHOUT_DATABASE: Readonly<Partial<Record<RuleName, string>>> = {
  acknowledged: 'whether the database has it was not judged, only whether nodes show it',
  nodes: 'nodes were compared with each other only',
  cursors: 'what the database keeps was not judged, only what sessions were told',
  dense: 'heads were not judged',
};

/** Puts the verdict together, with the lines of the history that show each violation. */
export async function verdictOf({ history, findings, file }: Judged): Promise<Verdict> {
  const faults = impactsOf(history);
  const broken = history.faults.flatMap(({ fault, does, what }) => (does === 'failed' ? [`${fault}: ${what}`] : []));
  const truth = history.run?.truth ?? 'database';
  const wanted = findings.flatMap(({ violations }) => violations.slice(0, SHOWN).flatMap(({ lines }) => lines));
  const texts = await readLines(file, new Set(wanted.flatMap(around)));
  const rules = findings.map(({ rule, count, violations }): RuleVerdict => {
    const shown = violations.slice(0, SHOWN);
    const first = shown.map((violation) => ({ ...violation, evidence: quote(violation.lines, texts) }));
    const limit = truth === 'nodes' ? WITHOUT_DATABASE[rule] : undefined;
    return { rule, says: RULES[rule], violations: count, limit, first };
  });
  const counts = countsOf(history);
  const hollow = counts.entries === 0 ? ['the database holds nothing'] : [];
  const problems = [...history.problems, ...broken, ...hollow];
  return {
    ok: problems.length === 0 && rules.every(({ violations }) => violations === 0),
    seed: history.run?.seed,
    store: history.run?.store,
    truth,
    problems,
    counts,
    rules,
    faults,
    untried: (history.run?.faults ?? []).filter((name) => !faults.some(({ fault }) => fault === name)),
    history: file,
  };
}

function around(line: number): number[] {
  return Array.from({ length: 2 * AROUND + 1 }, (_, index) => line - AROUND + index);
}

function quote(lines: readonly number[], texts: ReadonlyMap<number, string>): string[] {
  const numbers = [...new Set(lines.flatMap(around))].sort((a, b) => a - b);
  return numbers.flatMap((line) => {
    const text = texts.get(line);
    return text === undefined ? [] : [`${lines.includes(line) ? '>' : ' '} ${line}: ${text}`];
  });
}

function countsOf({ calls, deliveries, sessions, logs }: History): Counts {
  return {
    acknowledged: calls.filter(({ op, r }) => op === 'send' && r !== undefined && r.dup === undefined).length,
    calls: calls.length,
    deliveries: deliveries.count,
    sessions: sessions.size,
    entries: [...logs.values()].reduce((sum, log) => sum + log.length, 0),
  };
}

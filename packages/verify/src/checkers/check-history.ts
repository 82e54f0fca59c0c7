import { checkAcknowledged } from './acknowledged.ts';
import { checkAudience } from './audience.ts';
import { checkChain } from './chain.ts';
import { checkCursors } from './cursors.ts';
import { checkDelivered } from './delivered.ts';
import { checkDense } from './dense.ts';
import { Evidence } from './evidence.ts';
import { checkForbidden } from './forbidden.ts';
import type { History } from './history.ts';
import { checkNodes } from './nodes.ts';
import { checkOnce } from './once.ts';
import { checkPhantom } from './phantom.ts';
import { checkRealTime } from './real-time.ts';
import { checkRepeats } from './repeats.ts';
import { checkRoles } from './roles.ts';
import { checkSame } from './same.ts';
import type { RuleName, Violation } from './violation.ts';

const CHECKERS: Readonly<Record<RuleName, (evidence: Evidence) => Iterable<Violation>>> = {
  acknowledged: checkAcknowledged,
  nodes: checkNodes,
  delivered: checkDelivered,
  once: checkOnce,
  same: checkSame,
  realTime: checkRealTime,
  chain: checkChain,
  phantom: checkPhantom,
  audience: checkAudience,
  forbidden: checkForbidden,
  roles: checkRoles,
  repeats: checkRepeats,
  cursors: checkCursors,
  dense: checkDense,
};

/** What one rule found: how many violations in all, and the first of them. */
export interface Finding {
  readonly rule: RuleName;
  readonly count: number;
  readonly violations: readonly Violation[];
}

/** More of one kind tell nothing new. */
const KEPT = 20;
/** Nor does counting on, when there are so many. */
const MOST = 10_000;

/** Judges a history by every rule. */
export function checkHistory(history: History): Finding[] {
  const evidence = new Evidence(history);
  return (Object.keys(CHECKERS) as RuleName[]).map((rule) => {
    const violations: Violation[] = [];
    let count = 0;
    for (const violation of CHECKERS[rule](evidence)) {
      count += 1;
      if (violations.length < KEPT) violations.push(violation);
      if (count === MOST) break;
    }
    return { rule, count, violations };
  });
}

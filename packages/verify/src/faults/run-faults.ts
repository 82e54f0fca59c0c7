import { Chance } from '../crowd/chance.ts';
import type { HistoryWriter } from '../history/history-writer.ts';
import type { FaultContext, FaultPlan } from './fault.ts';
import { type ScheduleOptions, scheduleOf } from './schedule.ts';
import { FAULT_TABLE } from './table.ts';

/** What faults need, and who hears of them. */
export interface Breaking extends ScheduleOptions, Pick<FaultContext, 'crowd' | 'signal' | 'sleep'> {
  readonly history: Pick<HistoryWriter, 'now' | 'write'>;
  /** Told what is broken at the moment. */
  readonly onChange: (broken: readonly string[]) => void;
}

/**
 * Injects the schedule's faults, round after round, until the signal comes. Those that are under way then are put back
 * first. A fault that shows a broken promise is noted as failed.
 */
export async function runFaults(breaking: Breaking): Promise<void> {
  const broken = new Map<number, string>();
  let count = 0;
  for (const { waitMs, faults } of scheduleOf(breaking)) {
    await breaking.sleep(waitMs);
    if (breaking.signal.aborted) return;
    const first = count;
    count += faults.length;
    await Promise.all(faults.map((plan, index) => inject(plan, { ...breaking, number: first + index, broken })));
  }
}

interface Injecting extends Breaking {
  readonly number: number;
  readonly broken: Map<number, string>;
}

async function inject(plan: FaultPlan, { number, broken, history, onChange, ...rest }: Injecting): Promise<void> {
  const { fault, victims: v, lastsMs: ms } = plan;
  await rest.sleep(plan.afterMs);
  if (rest.signal.aborted) return;
  const note = (does: 'begin' | 'end' | 'failed', what: string): void =>
    history.write({ k: 'fault', t: history.now(), n: number, fault, v, ms, does, what });
  const tell = (what: string): void => {
    if (!broken.has(number)) note('begin', what);
    broken.set(number, what);
    onChange([...broken.values()]);
  };
  try {
    await FAULT_TABLE[fault].inject({ ...rest, plan, chance: new Chance(plan.seed), tell });
    note('end', broken.get(number) ?? fault);
  } catch (error) {
    note('failed', (error as Error).message);
  }
  broken.delete(number);
  onChange([...broken.values()]);
}

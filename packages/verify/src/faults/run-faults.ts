import type { HistoryWriter } from '../history/history-writer.ts';
import type { FaultContext, FaultName } from './fault.ts';
import { pause } from './pause.ts';
import { FAULT_TABLE } from './table.ts';

/** What happened to whom, told while it happens. */
export interface FaultWatch {
  readonly history: HistoryWriter;
  readonly onChange: (running: string | undefined) => void;
}

/** Time for the crowd to recover, so that one fault's marks are not another's. */
const BETWEEN_MS = [1_000, 3_000] as const;
const BEFORE_MS = [500, 1_000] as const;

/**
 * Injects faults one after another, all of them in an order by chance, then all again in another, until the signal comes.
 * One that is under way then is put back first. A fault that shows a broken promise is noted as failed.
 */
export async function runFaults(
  names: readonly FaultName[],
  context: Omit<FaultContext, 'tell'>,
  { history, onChange }: FaultWatch,
): Promise<void> {
  if (names.length === 0) return;
  await pause(context, BEFORE_MS);
  for (;;) {
    for (const fault of context.chance.shuffle(names)) {
      if (context.signal.aborted) return;
      const note = (does: 'begin' | 'end' | 'failed', what: string): void =>
        history.write({ k: 'fault', t: history.now(), fault, does, what });
      let said = '';
      const tell = (what: string): void => {
        if (said === '') note('begin', what);
        said = what;
        onChange(what);
      };
      // A source of its own: how long one fault took to be put back does not change the others.
      const own = { ...context, chance: context.chance.fork(), tell };
      try {
        await FAULT_TABLE[fault].inject(own);
        note('end', said);
      } catch (error) {
        note('failed', (error as Error).message);
      }
      onChange(undefined);
      await pause(context, BETWEEN_MS);
    }
  }
}

import type { SyncCursor, SyncMode } from '@parley/protocol';
import type { OpenRecord } from '../history/record.ts';

/** How a device follows its conversations. */
export interface DeviceWants {
  /** `account`: it keeps no cursors, as classic clients, and goes on where its account is. */
  readonly from: 'device' | 'account';
  /** Of conversations that it does not know, and of what it missed. */
  readonly byDefault: SyncMode;
  readonly missed: SyncMode;
}

const FULL: SyncMode = { mode: 'full' };

/** Everything. */
export const WANTS_ALL: DeviceWants = { from: 'device', byDefault: FULL, missed: FULL };

/** Of what it wants no more than the last few at first. */
export function asksOf(
  { from, byDefault }: DeviceWants,
  cursors: readonly SyncCursor[],
): Pick<OpenRecord, 'from' | 'lazy'> {
  if (from === 'account') return { from };
  const known = cursors.map(({ conversation, want = byDefault }): [string, SyncMode] => [conversation, want]);
  const lazy = [...known, ['', byDefault] as const].flatMap(([conversation, want]) =>
    want.mode === 'lazy' ? [[conversation, want.last] as const] : [],
  );
  return lazy.length > 0 ? { lazy } : {};
}

import type { Context } from '../context.ts';
import { usageFailure } from '../failure.ts';
import { SAY_WHEN, type SayWhen } from './sayer.ts';

/** How line mode behaves on this terminal. */
export interface Mode {
  readonly isDumb: boolean;
  readonly isSpoken: boolean;
  readonly say: SayWhen;
  /** Which switch turned it on; undefined: none did. */
  readonly notice: string | undefined;
}

/** Reads the switches. Throws a Failure (2) when `say` is none of its words. */
export function modeOf({ env, line, settings }: Pick<Context, 'env' | 'line' | 'settings'>): Mode {
  const isAccessible = isOn(env['ACCESSIBLE']);
  const isSpoken = settings.screenReader || isAccessible;
  const isDumb = env['TERM'] === 'dumb';
  const given = line.flags['screen-reader'] === true ? '--screen-reader' : 'the setting screen-reader';
  const reader = settings.screenReader ? given : 'ACCESSIBLE';
  const plain = line.flags['plain'] === true ? '--plain' : isDumb ? 'TERM=dumb' : undefined;
  const plainNotice = plain === undefined ? undefined : `parley: plain mode (${plain}).`;
  return {
    isDumb,
    isSpoken,
    say: sayOf(settings.say ?? (isSpoken ? 'idle' : 'now')),
    notice: isSpoken ? `parley: plain mode for screen readers (${reader}).` : plainNotice,
  };
}

function sayOf(text: string): SayWhen {
  const when = SAY_WHEN.find((word) => word === text);
  if (when === undefined) throw usageFailure(`--say is one of ${SAY_WHEN.join(', ')}.`);
  return when;
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0';
}

import type { Context } from '../context.ts';
import { usageFailure } from '../failure.ts';
import { noUtf8 } from '../text/charset.ts';
import { SAY_WHEN, type SayWhen } from './sayer.ts';

/** How line mode behaves on this terminal. */
export interface Mode {
  readonly isDumb: boolean;
  readonly isSpoken: boolean;
  /** The terminal shows nothing but ASCII. */
  readonly isAscii: boolean;
  readonly say: SayWhen;
  /** The ancestor's commands are commands in a chat as well. */
  readonly isLegacy: boolean;
  /** Which switches turned something on; undefined: none did. */
  readonly notice: string | undefined;
}

/** Reads the switches. Throws a Failure (2) when `say` or `legacy-commands` is none of its words. */
export function modeOf({ env, line, settings }: Pick<Context, 'env' | 'line' | 'settings'>): Mode {
  const isAccessible = isOn(env['ACCESSIBLE']);
  const isSpoken = settings.screenReader || isAccessible;
  const dumb = dumbness(env['TERM']);
  const given = line.flags['screen-reader'] === true ? '--screen-reader' : 'the setting screen-reader';
  const reader = settings.screenReader ? given : 'ACCESSIBLE';
  const plain = line.flags['plain'] === true ? '--plain' : dumb;
  const plainNotice = plain === undefined ? undefined : `parley: plain mode (${plain}).`;
  const ascii = noUtf8(env);
  const asciiNotice =
    ascii && `parley: only ASCII is shown (${ascii}), ? stands for the rest. LC_ALL=C.UTF-8 shows everything.`;
  const modeNotice = isSpoken ? `parley: plain mode for screen readers (${reader}).` : plainNotice;
  const notices = [modeNotice, asciiNotice].filter((notice) => notice !== undefined);
  return {
    isDumb: dumb !== undefined,
    isAscii: ascii !== undefined,
    isSpoken,
    isLegacy: isLegacy(settings.legacyCommands),
    say: sayOf(settings.say ?? (isSpoken ? 'idle' : 'now')),
    notice: notices.length === 0 ? undefined : notices.join('\n'),
  };
}

/** Why nothing is known that the terminal could do. On Windows no terminal says what it is. */
function dumbness(term: string | undefined): string | undefined {
  if (term === 'dumb') return 'TERM=dumb';
  return (term ?? '') === '' && process.platform !== 'win32' ? 'TERM is not set' : undefined;
}

function sayOf(text: string): SayWhen {
  const when = SAY_WHEN.find((word) => word === text);
  if (when === undefined) throw usageFailure(`--say is one of ${SAY_WHEN.join(', ')}.`);
  return when;
}

function isLegacy(text: string | undefined): boolean {
  if (text !== undefined && text !== 'always') throw usageFailure(`--legacy-commands is always, not ${text}.`);
  return text === 'always';
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0';
}

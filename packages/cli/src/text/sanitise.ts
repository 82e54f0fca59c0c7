import { toAscii } from './ascii.ts';
import { LineCleaner, SUSPECT } from './line-cleaner.ts';

export interface SanitiseOptions {
  /** Keep line feeds (CR LF counts as one) and turn each tab into four spaces. Otherwise both become symbols. */
  readonly multiline?: boolean;
  /** Only ASCII, for terminals that show nothing else: letters without accents, `^[` for ESC, `?` for what has no likeness. */
  readonly ascii?: boolean;
}

/** Tab stops would depend on what we print before the text, so that a tab is as wide wherever it stands. */
const TAB = '    ';

/**
 * The one function between a string from elsewhere (text, name, topic, title, error) and the terminal. [TERM-1]
 * Whatever comes in, what goes out holds no control character (but line feeds, when asked for), no bidi control, no
 * lone surrogate, no line separator, no private or unassigned character, and nothing invisible except joiners
 * inside words and emoji, and a variation selector behind what it varies. At most three combining marks stand on one
 * character. Takes time in proportion to the length.
 *
 * What would act is shown as a symbol: ␛ for ESC, ␛[ for the C1 character that means the same, ␦ for bidi and other
 * format controls, ␤ for line separators, � for what has no agreed look. What would merely be invisible (soft hyphen,
 * zero-width space, tags) is left out.
 * Does not keep right-to-left text from reordering its neighbours: isolate each message where the terminal does that.
 */
export function sanitise(text: string, options: SanitiseOptions = {}): string {
  const ascii = options.ascii === true;
  if (!SUSPECT.test(text)) return ascii ? toAscii(text) : text;
  const cleaner = new LineCleaner(ascii ? caretNotation : controlPicture);
  const clean = options.multiline === true ? cleanLines(text, cleaner) : cleaner.clean(text);
  return ascii ? toAscii(clean) : clean;
}

function cleanLines(text: string, cleaner: LineCleaner): string {
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\t', TAB).split('\n');
  return lines.map((line) => cleaner.clean(line)).join('\n');
}

/** ␀ to ␟ and ␡ for C0 and DEL; a C1 character as ␛ and the letter of its seven-bit form (ECMA-48 §5.3). */
function controlPicture(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\u241B${String.fromCharCode(code - 0x40)}`;
}

/** ^@ to ^_ and ^? for C0 and DEL; a C1 character as ^[ and its letter. */
function caretNotation(code: number): string {
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  return code === 0x7f ? '^?' : `^[${String.fromCharCode(code - 0x40)}`;
}

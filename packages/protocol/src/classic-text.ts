/** Most code points of a name in a classic frame: the ancestor's column, and what keeps room for the text. */
const NAME_CODE_POINTS = 50;
/** Less room than this for a text means that the limit cannot be meant. */
const LEAST_TEXT_BYTES = 32;

/** Made when it is needed: that takes 19 ms, and most programs that load this never cut a text. */
let graphemes: Intl.Segmenter | undefined;

/** Bytes that a frame takes on the wire, NUL included. */
export function classicFrameBytes(frame: object): number {
  return jsonBytes(frame) + 1;
}

/** Bytes of the compact JSON of a value in UTF-8, quotes and escapes included. */
export function jsonBytes(value: object | string): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * Cuts a text into parts that take at most `maxBytes` each as JSON (escapes counted, quotes not). More than one part
 * are numbered "(1/3) …". Cuts between graphemes; between code points where a grapheme alone is too long.
 * Lone surrogates become U+FFFD, because the real client's parser throws on their escapes.
 * Throws RangeError when maxBytes is below 32. [CLASSIC-1]
 */
export function splitClassicText(text: string, maxBytes: number): readonly string[] {
  if (maxBytes < LEAST_TEXT_BYTES) throw new RangeError(`no room for text in a classic frame: ${maxBytes} bytes`);
  const whole = text.toWellFormed();
  if (fittingEnd(whole, 0, maxBytes) === whole.length) return [whole];
  for (let digits = 1; ; digits++) {
    const parts = cutText(whole, maxBytes - numberingBytes(digits));
    if (String(parts.length).length <= digits) {
      return parts.map((part, index) => `(${index + 1}/${parts.length}) ${part}`);
    }
  }
}

/** The beginning of a text that takes at most `maxBytes` (32 or more) as JSON; for reasons and other short texts. */
export function clipClassicText(text: string, maxBytes: number): string {
  return cutText(text.toWellFormed(), maxBytes)[0] ?? '';
}

/** A name as a classic frame carries it: well-formed and no longer than the ancestor's column. */
export function classicName(name: string): string {
  const wellFormed = name.toWellFormed();
  return wellFormed.length <= NAME_CODE_POINTS
    ? wellFormed
    : Array.from(wellFormed).slice(0, NAME_CODE_POINTS).join('');
}

/**
 * "YYYY-MM-DD HH:MM:SS" in the server's own time zone, from milliseconds since 1970; the form that the ancestor's
 * client writes and shows.
 */
export function formatClassicTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastTime = formatTime(timeMs);
  }
  return lastTime;
}

/** Messages come many in a second: the last answer is kept. */
let lastSecond = Number.NaN;
let lastTime = '';

function formatTime(timeMs: number): string {
  const time = new Date(timeMs);
  const day = [pad(time.getFullYear(), 4), pad(time.getMonth() + 1, 2), pad(time.getDate(), 2)];
  const clock = [pad(time.getHours(), 2), pad(time.getMinutes(), 2), pad(time.getSeconds(), 2)];
  return `${day.join('-')} ${clock.join(':')}`;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0');
}

/** Bytes of "(12/34) " when the number of parts has so many digits. */
function numberingBytes(digits: number): number {
  return 2 * digits + '(/) '.length;
}

function cutText(text: string, maxBytes: number): string[] {
  const parts: string[] = [];
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const segments = graphemes.segment(text);
  let start = 0;
  do {
    const fitting = fittingEnd(text, start, maxBytes);
    // The grapheme at the cut goes to the next part as a whole, unless it began this part.
    const grapheme = fitting < text.length ? (segments.containing(fitting)?.index ?? fitting) : fitting;
    const end = grapheme > start ? grapheme : fitting;
    parts.push(text.slice(start, end));
    start = end;
  } while (start < text.length);
  return parts;
}

/** How far a well-formed text may be taken from `start`: between code points, at most `maxBytes` as JSON. */
function fittingEnd(text: string, start: number, maxBytes: number): number {
  let bytes = 0;
  let end = start;
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0;
    bytes += escapedCodePointBytes(code);
    if (bytes > maxBytes) return end;
    end += code > 0xffff ? 2 : 1;
  }
  return end;
}

/** What JSON.stringify makes of a code point: quote, backslash and \b \t \n \f \r take two bytes, other controls six. */
function escapedCodePointBytes(code: number): number {
  if (code < 0x20) return code >= 0x08 && code <= 0x0d && code !== 0x0b ? 2 : 6;
  if (code < 0x80) return code === 0x22 || code === 0x5c ? 2 : 1;
  if (code < 0x800) return 2;
  return code <= 0xffff ? 3 : 4;
}

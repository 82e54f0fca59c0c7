/** Anything but plain visible characters and spaces; and conjoining jamo, any number of which share one place. */
export const SUSPECT =
  /[^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]--[\p{Default_Ignorable_Code_Point}\u{1100}-\u{11FF}\u{A960}-\u{A97C}\u{D7B0}-\u{D7FB}]]/v;

const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}\p{Zs}]--\p{Default_Ignorable_Code_Point}]/v;
const MARK = /[\p{M}--\p{Default_Ignorable_Code_Point}]/v;
const JOINABLE = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]/v;
const EMOJI = /\p{Emoji}/v;
const LETTER = /\p{L}/v;
const EMOJI_SELECTOR = /[\u{FE0E}\u{FE0F}]/v;
const GLYPH_SELECTOR = /[\u{FE00}-\u{FE0D}\u{E0100}-\u{E01EF}]/v;
const JOINER = /\p{Join_Control}/v;
const BIDI_CONTROL = /\p{Bidi_Control}/v;
const LINE_SEPARATOR = /[\p{Zl}\p{Zp}]/v;
/** Arabic and Kaithi number signs: format characters by category, but visible. */
const NUMBER_SIGN = /[\u{600}-\u{605}\u{6DD}\u{890}\u{891}\u{8E2}\u{110BD}\u{110CD}]/v;
const FORMAT = /\p{Cf}/v;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/v;

const REPLACEMENT = '\uFFFD';
const FORMAT_SYMBOL = '\u2426';
const NEWLINE_SYMBOL = '\u2424';
/** Carries a mark that has nothing before it to stand on. */
const DOTTED_CIRCLE = '\u25CC';

const MAX_MARKS = 3;
/** The longest emoji sequence has three joiners; without a bound thousands of emoji would share one place. */
const MAX_JOINERS = 9;
/** One syllable has at most one jamo of each kind, or up to three when typed in parts. */
const MAX_JAMO_RUN = 3;

/** What the next character may attach itself to. */
type Attachment = 'nothing' | 'letter' | 'emoji' | 'other' | 'selected' | 'mark';

/** Makes one line harmless, code point by code point. `showControl` writes C0, DEL and C1 (by code) as it pleases. */
export class LineCleaner {
  readonly #showControl: (code: number) => string;
  #out = '';
  /** What stands last in `#out`. */
  #last: Attachment = 'nothing';
  #lastIsJoinable = false;
  #marks = 0;
  /** A joiner that is written only if a character to join follows. */
  #joiner = '';
  #joiners = 0;
  #jamoKind = '';
  #jamoRun = 0;

  constructor(showControl: (code: number) => string) {
    this.#showControl = showControl;
  }

  clean(line: string): string {
    this.#out = '';
    this.#settle('nothing');
    for (const character of line) this.#take(character);
    this.#joiner = '';
    return this.#out;
  }

  #take(character: string): void {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) this.#replace(this.#showControl(code));
    else if (VISIBLE.test(character)) this.#takeVisible(character, code);
    else if (MARK.test(character)) this.#takeMark(character);
    else if (JOINER.test(character)) this.#takeJoiner(character);
    else if (EMOJI_SELECTOR.test(character)) this.#takeSelector(character, 'emoji');
    else if (GLYPH_SELECTOR.test(character)) this.#takeSelector(character, 'letter');
    else if (BIDI_CONTROL.test(character)) this.#replace(FORMAT_SYMBOL);
    else if (LINE_SEPARATOR.test(character)) this.#replace(NEWLINE_SYMBOL);
    else if (NUMBER_SIGN.test(character)) this.#replace(character);
    else if (IGNORABLE.test(character)) return;
    // Left: other format characters, private use, unassigned, lone surrogates.
    else this.#replace(FORMAT.test(character) ? FORMAT_SYMBOL : REPLACEMENT);
  }

  #takeVisible(character: string, code: number): void {
    // ASCII, and with it most text, needs few looks at properties.
    if (code < 0x7f) {
      const isLetter = isAsciiLetter(code);
      this.#write(character, isLetter);
      this.#settle(isLetter ? 'letter' : kindOf(character), isLetter);
      return;
    }
    const kind = jamoKind(code);
    const jamoRun = kind !== '' && kind === this.#jamoKind ? this.#jamoRun + 1 : 1;
    if (jamoRun > MAX_JAMO_RUN) {
      this.#replace(REPLACEMENT);
      return;
    }
    const isJoinable = JOINABLE.test(character);
    this.#write(character, isJoinable);
    this.#settle(kindOf(character), isJoinable);
    this.#jamoKind = kind;
    this.#jamoRun = jamoRun;
  }

  #takeMark(character: string): void {
    if (this.#last === 'nothing') {
      this.#write(DOTTED_CIRCLE, false);
      this.#settle('other');
    }
    if (this.#marks === MAX_MARKS) return;
    this.#write(character, true);
    this.#marks++;
    this.#last = 'mark';
    this.#lastIsJoinable = true;
  }

  #takeJoiner(character: string): void {
    if (this.#lastIsJoinable && this.#joiner === '' && this.#joiners < MAX_JOINERS) this.#joiner = character;
  }

  #takeSelector(character: string, on: Attachment): void {
    if (this.#last !== on || this.#joiner !== '') return;
    this.#out += character;
    this.#last = 'selected';
  }

  /** Writes a visible stand-in, to which nothing can be joined. */
  #replace(symbol: string): void {
    this.#write(symbol, false);
    this.#settle('other');
  }

  #write(text: string, isJoinable: boolean): void {
    const joins = isJoinable && this.#joiner !== '';
    this.#out += joins ? this.#joiner + text : text;
    this.#joiners = joins ? this.#joiners + 1 : 0;
    this.#joiner = '';
  }

  #settle(last: Attachment, isJoinable = false): void {
    this.#last = last;
    this.#lastIsJoinable = isJoinable;
    this.#marks = 0;
    this.#jamoKind = '';
  }
}

/** Digits, # and * are emoji as well: they can become keycaps. */
function kindOf(character: string): Attachment {
  if (LETTER.test(character)) return 'letter';
  return EMOJI.test(character) ? 'emoji' : 'other';
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Leading, vowel or trailing jamo; '' for every other character. */
function jamoKind(code: number): '' | 'leading' | 'vowel' | 'trailing' {
  if (code < 0x1100) return '';
  if (code <= 0x115f || (code >= 0xa960 && code <= 0xa97c)) return 'leading';
  if (code <= 0x11a7 || (code >= 0xd7b0 && code <= 0xd7c6)) return 'vowel';
  return code <= 0x11ff || (code >= 0xd7cb && code <= 0xd7fb) ? 'trailing' : '';
}

import { LIMITS } from './limits.ts';

/**
 * The version of the folding below, kept beside every stored key. Raise it when nameKey gives another key for any
 * name (a change here, or new tables in a new Node.js), and migrate the keys. [NAME-1]
 */
export const NAME_RULE_VERSION = 1;

/** No key of an allowed name is longer: 50 code points, the longest of which (U+FDFA) folds to 33 bytes. */
export const NAME_KEY_MAX_BYTES = 1_650;

/** A name's unique key, or why the name is refused; `reason` is a sentence for `hint`. */
export type NameCheck =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly code: 'bad_name'; readonly reason: string };

/** What a key leaves out: the joiners, and the selectors of text or emoji style, which only change how a name is drawn. */
const NOT_IN_KEY = /[\p{Join_Control}\u{FE0E}\u{FE0F}]/gv;
const NOT_PLAIN_ASCII = /[^\x20-\x7E]/;

/**
 * The key under which a name is unique: without joiners; NFKC, then toUpperCase, then toLowerCase, then NFC; those
 * four again until nothing changes, so that a key is its own key (ẞ needs a second round: ẞ → ß → ss). No locale and
 * no collation takes part. (C09)
 * For any string: log-in folds without checking, because the ancestor's names may break today's rules.
 */
export function nameKey(name: string): string {
  if (!NOT_PLAIN_ASCII.test(name)) return name.toLowerCase();
  let key = name.replace(NOT_IN_KEY, '');
  // No code point needs more than two rounds (tested for all); the bound is there for tables of the future.
  for (let round = 0; round < 4; round++) {
    const folded = key.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
    if (folded === key) break;
    key = folded;
  }
  return key;
}

const RESERVED_KEYS = new Set(['parley', 'system', 'server', 'admin', 'console', 'all', 'here', 'everyone']);

/** Control characters, separators of lines, private use, and what this Unicode version does not know and may fold otherwise later. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/v;
/** Characters that show nothing or rearrange others (bidi controls are among them), but for those that NOT_IN_KEY allows. */
const INVISIBLE = /[[\p{Cf}\p{Default_Ignorable_Code_Point}]--[\p{Join_Control}\u{FE0E}\u{FE0F}]]/v;
/** A joiner that does not stand between two letters or emoji, as Persian, Indic scripts and emoji sequences need it. */
const MISPLACED_JOINER =
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])\p{Join_Control}|\p{Join_Control}(?![\p{L}\p{M}\p{Extended_Pictographic}])/v;
/** A style selector that does not follow an emoji. */
const MISPLACED_SELECTOR = /(?<!\p{Emoji})[\u{FE0E}\u{FE0F}]/v;
/** White space of any kind; the empty Braille cell is drawn as nothing as well. */
const OUTER_SPACE = /^[\p{White_Space}\u2800]|[\p{White_Space}\u2800]$/v;
const LEADING_MARK = /^\p{M}/v;
const DIGITS_ONLY = /^\p{Nd}+$/v;

/** The tests of checkName in order. Those of the second list also see what hides in a compatibility form, such as ＠ or ℀. */
const NAME_RULES: readonly (readonly [RegExp, string])[] = [
  [FORBIDDEN, 'it holds a control, private or unknown character'],
  [INVISIBLE, 'it holds an invisible character'],
  [MISPLACED_JOINER, 'it holds a joiner that is not inside a word'],
  [MISPLACED_SELECTOR, 'it holds a style selector that follows no emoji'],
  [OUTER_SPACE, 'it begins or ends with white space'],
  [LEADING_MARK, 'it begins with a combining mark'],
];
const KEY_RULES: readonly (readonly [RegExp, string])[] = [
  [OUTER_SPACE, 'it begins or ends with white space'],
  [/^[@#]/, 'it begins with @ or #'],
  [/[:/]/, 'it holds : or /'],
  [DIGITS_ONLY, 'it is digits only'],
];

/**
 * Whether a new user or group may have this name, and its key. Names have 1 to 50 code points. [NAME-1]
 * A leading combining mark is refused because it would be drawn on whatever stands before the name.
 * Does not say whether the name is taken.
 */
export function checkName(name: string): NameCheck {
  const most = LIMITS.nameCodePoints;
  if (name === '') return badName('it is empty');
  // The first test keeps a hostile name from being split into code points.
  if (name.length > 2 * most || Array.from(name).length > most)
    return badName(`it may have at most ${most} characters`);
  if (!name.isWellFormed()) return badName('it holds half of a surrogate pair');
  const key = nameKey(name);
  const broken = NAME_RULES.find(([rule]) => rule.test(name)) ?? KEY_RULES.find(([rule]) => rule.test(key));
  if (broken !== undefined) return badName(broken[1]);
  if (RESERVED_KEYS.has(key)) return badName('it is reserved');
  return { ok: true, key };
}

function badName(reason: string): NameCheck {
  return { ok: false, code: 'bad_name', reason };
}

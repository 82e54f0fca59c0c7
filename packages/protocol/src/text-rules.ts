import { LIMITS } from './limits.ts';

/** Whether a message's text is allowed; `bytes` is its length in UTF-8. */
export type TextCheck =
  | { readonly ok: true; readonly bytes: number }
  | {
      readonly ok: false;
      readonly code: 'text_empty' | 'text_too_long' | 'text_malformed';
      /** A sentence for `hint`. */
      readonly reason: string;
    };

/** Whether a password is allowed; `reason` is a sentence for `hint` and never quotes the password. */
export type PasswordCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'bad_password'; readonly reason: string };

/** Something that a reader can see: neither white space nor one of the characters that are meant to be invisible. */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/v;

/**
 * A message's text: well-formed Unicode without U+0000, 1 to 8,192 bytes of UTF-8. Text that shows nothing (only
 * white space or invisible characters) is refused as empty: its reader could not tell it from a fault.
 * Every other control character is allowed; the terminal's sanitiser makes it visible.
 */
export function checkText(text: string): TextCheck {
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.textBytes) {
    return { ok: false, code: 'text_too_long', reason: `${bytes} bytes, the limit is ${LIMITS.textBytes}` };
  }
  if (!text.isWellFormed()) return { ok: false, code: 'text_malformed', reason: 'it holds half of a surrogate pair' };
  if (text.includes('\0')) return { ok: false, code: 'text_malformed', reason: 'it holds U+0000' };
  if (!isVisible(text.charCodeAt(0)) && !VISIBLE.test(text))
    return { ok: false, code: 'text_empty', reason: 'there is nothing to see in it' };
  return { ok: true, bytes };
}

/** ASCII's printing characters: nearly every text begins with one, and is spared the search. */
function isVisible(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f;
}

/** A password that a native client sets: well-formed Unicode of 8 to 1,024 bytes. It is never changed, not even its case. */
export function checkPassword(password: string): PasswordCheck {
  if (!password.isWellFormed()) return badPassword('it holds half of a surrogate pair');
  const bytes = Buffer.byteLength(password);
  if (bytes < LIMITS.passwordMinBytes) return badPassword(`it needs at least ${LIMITS.passwordMinBytes} bytes`);
  if (bytes > LIMITS.passwordMaxBytes) return badPassword(`it may have at most ${LIMITS.passwordMaxBytes} bytes`);
  return { ok: true };
}

/** A password that a classic client registers: 1 to 50 code points, as in the ancestor's column. */
export function checkClassicPassword(password: string): PasswordCheck {
  if (!password.isWellFormed()) return badPassword('it holds half of a surrogate pair');
  const most = LIMITS.classicPasswordCodePoints;
  // The first test keeps a hostile password from being split into code points.
  if (password.length > 2 * most || Array.from(password).length > most)
    return badPassword(`it may have at most ${most} characters`);
  return password === '' ? badPassword('it is empty') : { ok: true };
}

function badPassword(reason: string): PasswordCheck {
  return { ok: false, code: 'bad_password', reason };
}

/** What acts on a terminal, ends a line, turns its order round, or cannot be seen. */
const HARM = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** More marks on one character than any language has. */
const PILE = /(\p{M}{3})\p{M}+/gu;

/** One line for people, of which parts may come from a server that is verified, which may send anything. [TERM-1] */
export function printable(text: string): string {
  return text.replace(HARM, '\u{FFFD}').replace(PILE, '$1');
}

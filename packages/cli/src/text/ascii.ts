/** Likenesses that Unicode's decompositions do not know. */
const LIKENESSES: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201A': "'",
  '\u201B': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u201E': '"',
  '\u2010': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2015': '-',
  '\u2212': '-',
  '\u2022': '*',
  '\u00B7': '.',
  '\u2044': '/',
  '\u00D7': 'x',
  '\u00AB': '<<',
  '\u00BB': '>>',
  '\u00DF': 'ss',
  '\u00C6': 'AE',
  '\u00E6': 'ae',
  '\u00D8': 'O',
  '\u00F8': 'o',
  '\u0141': 'L',
  '\u0142': 'l',
};

const NOT_ASCII = /[^\n\x20-\x7E]/gu;
const ATTACHED = /[\p{M}\p{Default_Ignorable_Code_Point}]/gv;
/** Symbols of control characters, as the sanitiser writes them. */
const PICTURE = /^[\u2400-\u241F]$/;
const PLAIN = /^[\x20-\x7E]+$/;

/**
 * A sanitised text in printable ASCII and line feeds: letters lose their accents, what has no likeness becomes `?`.
 * (C65)
 */
export function toAscii(text: string): string {
  return text.replace(NOT_ASCII, likeness);
}

function likeness(character: string): string {
  if (PICTURE.test(character)) return `^${String.fromCharCode((character.charCodeAt(0) - 0x2400) ^ 0x40)}`;
  const known = LIKENESSES[character];
  if (known !== undefined) return known;
  const bare = character.normalize('NFKD').replace(ATTACHED, '').replaceAll('\u2044', '/');
  return bare === '' || PLAIN.test(bare) ? bare : '?';
}

/** Names may hold blanks; a command's words are parted by them. */

const QUOTED = /^"([^"]*)"(?:\s+|$)/;

/** A name as `firstName` reads it whole, whether it is known or not. */
export function quotedName(name: string): string {
  return /\s/.test(name) && !name.includes('"') ? `"${name}"` : name;
}

/** A text that is one name: the quotes around it are none of it. */
export function unquoted(name: string): string {
  return name.trim().replace(/^"([^"]*)"$/, '$1');
}

/**
 * The name that a text begins with, and what follows it: what stands in quotes, else the longest known name with blanks
 * in it, else a word.
 */
export function firstName(text: string, spaced: readonly string[]): { readonly name: string; readonly rest: string } {
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return { name: quoted[1] ?? '', rest: text.slice(quoted[0].length) };
  const begun = spaced.filter((name) => begins(text, name)).toSorted((a, b) => b.length - a.length);
  const length = begun[0]?.length ?? text.search(/\s|$/);
  return { name: text.slice(0, length), rest: text.slice(length).trimStart() };
}

/** All names of a text. */
export function namesIn(text: string, spaced: readonly string[]): string[] {
  const names: string[] = [];
  for (let left = text.trim(); left !== ''; ) {
    const { name, rest } = firstName(left, spaced);
    names.push(name);
    left = rest;
  }
  return names;
}

function begins(text: string, name: string): boolean {
  return text.slice(0, name.length).toLowerCase() === name.toLowerCase() && /^(?:\s|$)/.test(text.slice(name.length));
}

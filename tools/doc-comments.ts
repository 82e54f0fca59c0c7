import type { Files } from './repository.ts';

const SOURCE = /^packages\/[^/]+\/src\/.*\.ts$/;
/** A comment that says something, and ends in the line above. */
const DOC = /(?<doc>^\/\*\*(?!\s*\*\/)(?:(?!\*\/)[^])*\*\/\n)?/;
const DECLARED = /(?:(?:async )?function\*? ?|(?:abstract )?class )(?<declared>[\w$]+)/;
/** `x = (…) =>`, with its types: a function by another name. Any other constant needs no comment. */
const ARROW =
  /const (?<arrow>[\w$]+)(?:: .*?)? =\s+(?:async )?(?:<.*?>)?(?:[\w$]+|\((?:[^()]|\([^()]*\))*\)(?:: [^;=]*?)?) =>/;
const EXPORTED = new RegExp(`${DOC.source}^export (?:default )?(?:${DECLARED.source}|${ARROW.source})`, 'gm');

/**
 * Every exported function and class of the sources has a doc comment directly above it, which says what it means for
 * who calls it. One is enough for all overloads of a function.
 */
export function checkDocComments(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    if (!SOURCE.test(file)) return [];
    return undocumentedIn(text).map(
      (name) => `${file}: ${name} has no doc comment; say above it, in /** … */, what its caller must know`,
    );
  });
}

function undocumentedIn(text: string): string[] {
  const exported = [...text.matchAll(EXPORTED)].map(({ groups = {} }) => ({
    name: groups['declared'] ?? groups['arrow'] ?? '',
    isDocumented: groups['doc'] !== undefined,
  }));
  const documented = new Set(exported.filter(({ isDocumented }) => isDocumented).map(({ name }) => name));
  return [...new Set(exported.map(({ name }) => name))].filter((name) => !documented.has(name));
}

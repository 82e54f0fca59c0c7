import type { Files } from './repository.ts';

const DOCUMENT = 'docs/guarantees.md';
/** `**SEND-3**` in the document. */
const RULE = /\*\*([A-Z]+-\d+)\*\*/g;
/** `'[SEND-3] …'` in a test: a title begins with the rules that it shows. */
const TITLE = /['"`]((?:\[[A-Z]+-\d+\]\s*)+)/g;
/** Tests, and the suites that adapters' tests call. The tools' own tests speak of rules that do not exist. */
const TESTS = /^packages\/([^/]+\/test|testkit\/src|verify\/src)\/.*\.ts$/;

/** Every rule has a test whose title quotes it, and no title quotes a rule that is not there. */
export function checkGuarantees(files: Files): string[] {
  const document = files.get(DOCUMENT);
  if (document === undefined) return [`${DOCUMENT} is missing`];
  const rules = new Set([...document.matchAll(RULE)].map((match) => match[1] ?? ''));
  const quoted = quotedRules(files);
  return [
    ...[...rules].filter((rule) => !quoted.has(rule)).map((rule) => `${DOCUMENT}: no test's title quotes [${rule}]`),
    ...[...quoted]
      .filter(([rule]) => !rules.has(rule))
      .map(([rule, file]) => `${file}: there is no rule ${rule} in ${DOCUMENT}`),
  ];
}

/** @returns rule → a file that quotes it */
function quotedRules(files: Files): Map<string, string> {
  const quoted = new Map<string, string>();
  for (const [file, text] of files) {
    if (!TESTS.test(file)) continue;
    for (const title of text.matchAll(TITLE)) {
      for (const rule of (title[1] ?? '').matchAll(/[A-Z]+-\d+/g)) quoted.set(rule[0], file);
    }
  }
  return quoted;
}

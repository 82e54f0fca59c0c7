import { CLOSE_REASONS } from '../packages/protocol/src/close-reasons.ts';
import { ERROR_CODES } from '../packages/protocol/src/error-codes.ts';
import type { Files } from './repository.ts';

const DOCUMENT = 'docs/errors.md';
/** `| \`rate_limited\` | …`: a row of a table. */
const ROW = /^\|\s*`(\w+)`/gm;

/** Heading in docs/errors.md → what its table must list. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  'Codes of refused requests': Object.keys(ERROR_CODES),
  'Reasons why the server ends a connection': Object.keys(CLOSE_REASONS),
};

/** The tables of docs/errors.md list all codes and reasons, and nothing else. */
export function checkErrorDocs(files: Files, tables = TABLES): string[] {
  const document = files.get(DOCUMENT);
  if (document === undefined) return [`${DOCUMENT} is missing`];
  return Object.entries(tables).flatMap(([heading, codes]) => {
    const rows = rowsUnder(document, heading);
    if (!rows) return [`${DOCUMENT}: there is no heading "## ${heading}"`];
    return [
      ...codes
        .filter((code) => !rows.includes(code))
        .map((code) => `${DOCUMENT}: "${heading}" lacks a row for ${code}`),
      ...rows
        .filter((row) => !codes.includes(row))
        .map((row) => `${DOCUMENT}: "${heading}" explains ${row}, which is not in the code`),
    ];
  });
}

function rowsUnder(document: string, heading: string): string[] | undefined {
  const section = document.split(/^## /m).find((part) => part.split('\n', 1)[0]?.trim() === heading);
  return section === undefined ? undefined : [...section.matchAll(ROW)].map((row) => row[1] ?? '');
}

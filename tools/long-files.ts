import type { Files } from './repository.ts';

const MAX_LINES = 400;
/** In the first lines of a file that is better long than cut. */
const REASON = /^(\/\/| \*|\/\*\*?) ?Long because: \S/m;

/** A file is at most 400 lines long, or says at its top why not. */
export function checkLongFiles(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    const lines = text.split('\n').length - 1;
    const head = text.split('\n', 5).join('\n');
    if (file.endsWith('.md') || lines <= MAX_LINES || REASON.test(head)) return [];
    return [`${file}: ${lines} lines, more than ${MAX_LINES}; cut it, or say at its top "// Long because: …"`];
  });
}

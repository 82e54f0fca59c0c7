import { FAULTS } from '../faults/fault.ts';
import { OPTIONS } from './option-table.ts';

const COLUMNS = 78;

const rows = [
  ...OPTIONS.map(({ name, value, help }) => [`--${name} ${value}`, help] as const),
  ['--json', 'the verdict as one JSON object'] as const,
];
const width = Math.max(...rows.map(([left]) => left.length));

/** What `npm run verify -- --help` prints. */
export const HELP = `npm run verify -- [options]

Breaks a Parley on purpose while people talk, and shows that nothing
acknowledged was lost, doubled or reordered.

${rows.flatMap(([left, help]) => beside(left, help)).join('\n')}

Faults:
${wrap(FAULTS.join(' '), COLUMNS - 2)
  .map((line) => `  ${line}`)
  .join('\n')}

Ends with 0 when every rule holds, 1 when one does not, 64 for a wrong command
line, 69 when it cannot be tried or carried through, 129, 130 or 143 when a
signal ended it.
`;

function beside(left: string, text: string): string[] {
  return wrap(text, COLUMNS - width - 4).map((line, index) => `  ${(index === 0 ? left : '').padEnd(width)}  ${line}`);
}

function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

import { FAULTS } from '../faults/fault.ts';
import { OPTIONS } from './option-table.ts';
import { wrap } from './wrap.ts';

const rows = [
  ...OPTIONS.map(({ name, value, help }) => [`--${name} ${value}`, help] as const),
  ['--json', 'the verdict as one JSON object'] as const,
];
const width = Math.max(...rows.map(([left]) => left.length));

/** What `npm run verify -- --help` prints. */
export const HELP: string = [
  'npm run verify -- [options]',
  '',
  ...wrap(
    '',
    'Breaks a Parley on purpose while people talk, and shows that nothing acknowledged was lost, doubled or reordered.',
  ),
  '',
  ...rows.flatMap(([left, help]) => wrap(`  ${left.padEnd(width)}  `, help)),
  '',
  'Faults:',
  ...wrap('  ', FAULTS.join(' ')),
  '',
  ...wrap(
    '',
    'Ends with 0 when every rule holds, 1 when one does not, 2 for a wrong command line, 69 when it cannot be tried or carried through, 129, 130 or 143 when a signal ended it.',
  ),
  '',
].join('\n');

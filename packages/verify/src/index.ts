export { OPTIONS } from './run/option-table.ts';
export { readCommand, UsageError } from './run/options.ts';
export { verdictJson } from './run/verdict-json.ts';
export { type Ending, verify } from './run/verify.ts';

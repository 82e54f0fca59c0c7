// `npm run verify`: the same as `parley verify`.
import { parseArgs } from 'node:util';
import { HELP } from './run/help.ts';
import { OPTIONS, type OptionValues } from './run/option-table.ts';
import { readCommand, UsageError } from './run/options.ts';
import { verdictJson } from './run/verdict-json.ts';
import { type Ending, verify } from './run/verify.ts';

const EXIT = { holds: 0, violated: 1, usage: 2, unavailable: 69 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads our output may go first; what was started is to be stopped all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    const { json, help, ...values } = parse(argv);
    if (help === true) return say(HELP);
    const command = readCommand(values as OptionValues, process.env);
    const { stderr } = process;
    const columns = (): number | undefined => (stderr.isTTY ? stderr.columns : undefined);
    return told(await verify(command, { write: (text) => stderr.write(text), columns }), json === true);
  } catch (error) {
    if (error instanceof UsageError) return fail(EXIT.usage, error.message);
    throw error;
  }
}

function parse(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const own = Object.fromEntries(OPTIONS.map(({ name }) => [name, { type: 'string' } as const]));
  const json = { type: 'boolean' } as const;
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    return parseArgs({ args: [...argv], options: { ...own, json, help } }).values;
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('\n');
    throw new UsageError(sentence, { cause: error });
  }
}

function told(ending: Ending, json: boolean): number {
  switch (ending.kind) {
    case 'interrupted':
      return fail(ending.exit, 'interrupted; everything was put back');
    case 'impossible':
      return fail(EXIT.unavailable, ending.message);
    case 'judged':
      say(`${json ? JSON.stringify(verdictJson(ending.verdict)) : ending.text}\n`);
      return ending.verdict.ok ? EXIT.holds : EXIT.violated;
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function fail(code: number, message: string): number {
  process.stderr.write(`verify: ${message}\n`);
  return code;
}

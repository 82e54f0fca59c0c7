import { type Context, connectWithSession, tryOpenOutbox } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, toFailure, usageFailure } from '../failure.ts';
import { readLines } from '../stdin-lines.ts';
import { exitOfAll } from './each.ts';
import { readFile } from './read-file.ts';
import { ScriptHost } from './script-host.ts';
import { sendsBy } from './send.ts';

/**
 * Carries out commands as line mode has them, one a line, each when the one before it is done. What fails is told with
 * its line; with -e it is the end.
 */
export async function run(context: Context): Promise<number> {
  const { line, output, signal, stdin } = context;
  const [file, ...more] = line.args;
  if (more.length > 0) throw usageFailure('parley script [FILE]');
  const input = file === undefined || file === '-' ? stdin : readFile(file, signal);
  await using client = await connectWithSession(context, { reconnect: true });
  using outbox = tryOpenOutbox(context, client);
  signal.addEventListener('abort', () => void client.close(), { once: true });
  const host = new ScriptHost(context, { client, outbox, sends: sendsBy(context, client, outbox) });
  await host.start();
  const failed: number[] = [];
  let lineNumber = 0;
  let count = 0;
  for await (const text of readLines(input, signal)) {
    lineNumber += 1;
    if (text?.trim() === '' || (lineNumber === 1 && text?.startsWith('#!') === true)) continue;
    count += 1;
    try {
      await host.carryOut(text, lineNumber);
    } catch (error) {
      signal.throwIfAborted();
      const failure = atLine(toFailure(error), lineNumber);
      output.error(failure);
      if (line.flags['errexit'] === true) return failure.exit;
      failed.push(failure.exit);
    }
    if (host.hasLeft) break;
  }
  return count === 0 ? EXIT.done : exitOfAll(failed, count);
}

function atLine({ code, message, hint, exit, clientId }: Failure, lineNumber: number): Failure {
  return new Failure({ code, message: `Line ${lineNumber}: ${message}`, hint, exit, clientId });
}

import { completionScript, SHELLS } from '../completion.ts';
import { type Context, tryOpenLocalStore } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';
import { usageFailure } from '../failure.ts';
import { keptChats } from '../state/private-state.ts';

/** Prints a script for a shell, or what that completes to. */
export async function run(context: Context): Promise<number> {
  const { output, line } = context;
  if (line.flags['names'] === true) {
    await output.exact(namesKept(context).join(''));
    return EXIT.done;
  }
  const shell = SHELLS.find((name) => name === line.args[0]);
  if (shell === undefined) throw usageFailure('parley completion bash, zsh or fish');
  await output.exact(completionScript(shell));
  return EXIT.done;
}

/** Addresses, one a line, without the server. None where nothing is kept: a shell is no place for a complaint. */
function namesKept(context: Context): string[] {
  using store = tryOpenLocalStore(context);
  const { chats, contacts } = keptChats(store);
  const labels = [...chats.values()].flatMap(({ left, label }) => (left ? [] : [label]));
  const friends = [...contacts.values()].filter(({ blocked }) => !blocked).map(({ user }) => `@${user.name}`);
  return [...new Set([...labels, ...friends])].map((name) => `${safe(name)}\n`);
}

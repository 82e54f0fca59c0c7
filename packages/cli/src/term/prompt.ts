import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on stderr and reads one line from the terminal; undefined when the input ends. Rejects when `signal` aborts. */
export async function askLine(question: string, signal: AbortSignal): Promise<string | undefined> {
  return await ask(question, signal, true);
}

/** The same, without showing what is typed. */
export async function askSecret(question: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await ask(question, signal, false);
  } finally {
    process.stderr.write('\n'); // the one that was typed was not shown
  }
}

async function ask(question: string, signal: AbortSignal, echo: boolean): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = echo ? process.stderr : silent;
  const editor = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  if (!echo) process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      editor.question(echo ? question : '', resolve);
      editor.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      editor.once('close', () => resolve(undefined));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    editor.close();
  }
}

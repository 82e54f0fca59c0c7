import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on stderr and reads one line from the terminal. Rejects when `signal` aborts or the input ends. */
export async function askLine(question: string, signal: AbortSignal): Promise<string> {
  return await ask(question, signal, true);
}

/** The same, without showing what is typed. */
export async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  try {
    return await ask(question, signal, false);
  } finally {
    process.stderr.write('\n'); // the one that was typed was not shown
  }
}

async function ask(question: string, signal: AbortSignal, echo: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = echo ? process.stderr : silent;
  const editor = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  if (!echo) process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      editor.question(echo ? question : '', resolve);
      editor.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      editor.once('close', () => reject(new Error('the input ended')));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    editor.close();
  }
}

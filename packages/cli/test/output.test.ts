import assert from 'node:assert/strict';
import test from 'node:test';
import { Failure } from '../src/failure.ts';
import { Output } from '../src/output.ts';

interface Written {
  readonly output: Output;
  readonly out: string[];
  readonly err: string[];
}

function createOutput(more: { json?: boolean; fields?: string[]; quiet?: boolean; verbose?: boolean } = {}): Written {
  const sink = (into: string[]) => ({
    write: (text: string, done?: () => void) => {
      if (text !== '') into.push(text);
      done?.();
      return true;
    },
  });
  const [out, err]: [string[], string[]] = [[], []];
  const options = { json: false, fields: [], quiet: false, verbose: false, ...more };
  return { output: new Output({ stdout: sink(out), stderr: sink(err), ...options }), out, err };
}

const HOSTILE = 'a\x1b[31mb\x9b2Jc\x7f\u202e';

test('[TERM-1] human text leaves without anything that a terminal would act on', () => {
  const { output, out, err } = createOutput({ verbose: true });
  output.result({ type: 'x' }, HOSTILE);
  output.note(HOSTILE);
  output.detail(HOSTILE);
  output.error(new Failure({ code: 'x', message: HOSTILE, hint: HOSTILE, exit: 1 }));
  for (const text of [...out, ...err]) assert.doesNotMatch(text, /[[\p{Cc}\u202e]--\n]/v);
});

test('[CLI-2] JSON is one object a line, exact, and holds no control character', () => {
  const { output, out } = createOutput({ json: true });
  output.result({ type: 'message', text: `${HOSTILE}\n\u2028` }, 'never');
  assert.equal(out.length, 1);
  assert.doesNotMatch(out[0]?.trimEnd() ?? '', /[\p{Cc}\u2028]/v);
  assert.deepEqual(JSON.parse(out[0] ?? ''), { v: 1, type: 'message', text: `${HOSTILE}\n\u2028` });
});

test('[CLI-2] --fields picks fields, also of fields; what is missing is null', () => {
  const { output, out } = createOutput({ json: true, fields: ['id', 'from.name', 'from.toString', 'none'] });
  output.result({ type: 'message', id: 'g7/1', from: { name: 'bob' } }, '');
  assert.equal(out[0], '{"id":"g7/1","from.name":"bob","from.toString":null,"none":null}\n');
});

test('[CLI-2] with --json an error is one object on stderr', () => {
  const { output, out, err } = createOutput({ json: true });
  output.note('unseen');
  output.error(new Failure({ code: 'auth_required', message: 'Not logged in.', hint: 'Run: parley login', exit: 4 }));
  assert.deepEqual(out, []);
  assert.deepEqual(
    err.map((line) => JSON.parse(line) as unknown),
    [{ v: 1, type: 'error', code: 'auth_required', message: 'Not logged in.', hint: 'Run: parley login', exit: 4 }],
  );
});

test('--quiet leaves out what was not asked for, not what was', () => {
  const { output, out, err } = createOutput({ quiet: true });
  output.report({ type: 'ok' }, 'done');
  output.note('by the way');
  output.result({ type: 'x' }, 'asked for');
  assert.deepEqual([out, err], [['asked for\n'], []]);
});

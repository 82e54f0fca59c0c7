import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDocComments } from '../doc-comments.ts';

const DOC = '/** What it means. */\n';

function check(text: string, file = 'packages/server/src/net/a.ts'): string[] {
  return checkDocComments(new Map([[file, text]]));
}

const EXPORTED = [
  'export function a(): void {}',
  'export async function a(): Promise<void> {}',
  'export function* a(): Generator {}',
  'export async function* a(): AsyncGenerator {}',
  'export default function a(): void {}',
  'export class a {}',
  'export abstract class a<T> extends B<T> {}',
  'export const a = () => 1;',
  'export const a = async (b: () => void): Promise<void> => b();',
  'export const a = <T>(b: T): T => b;',
  'export const a = b => b;',
  'export const a =\n  (b: number) => b;',
  "export const a: Handler<'a'> = async ({ b }, { c }) => {\n};",
  'export const a = (\n  b: number,\n): number => b;',
];

for (const code of EXPORTED) {
  test(`needs a doc comment: ${code.replaceAll('\n', '⏎')}`, () => {
    assert.match(check(`const first = 1;\n\n${code}\n`)[0] ?? '', /^packages\/server\/src\/net\/a\.ts: a has no doc/);
    assert.deepEqual(check(`const first = 1;\n\n${DOC}${code}\n`), []);
    assert.deepEqual(check(`${DOC.replace(' What', '\n * What').replace(' */', '\n */')}${code}\n`), []);
  });
}

test('what is not exported, or neither function nor class, needs none', () => {
  const others = ['function a() {}', 'class a {}', 'const a = () => 1;', 'export interface a {}', 'export type a = 1;'];
  const constants = ['export const a = 1;', 'export const a = (B as C).map((d) => d);', 'export const a = b(() => 1);'];
  for (const code of [...others, ...constants]) assert.deepEqual(check(`${code}\n`), [], code);
});

test('only a doc comment directly above counts, and one that says something', () => {
  for (const above of [
    '// What it means.\n',
    '/* What it means. */\n',
    `${DOC}\n`,
    '/** */\n',
    `${DOC}const b = 1;\n`,
  ]) {
    assert.equal(check(`${above}export class a {}\n`).length, 1, above);
  }
});

test('each export without one is told, overloads once', () => {
  assert.equal(check('export class A {}\nexport class B {}\n').length, 2);
  const overloads = 'export function a(): void;\nexport function a(b?: string): void {}\n';
  assert.equal(check(overloads).length, 1);
  assert.deepEqual(check(DOC + overloads), []);
});

test('only sources of packages are looked at', () => {
  for (const file of ['tools/a.ts', 'packages/server/test/a.ts', 'docs/a.md', 'packages/launch/src/a.cjs']) {
    assert.deepEqual(check('export class A {}\n', file), []);
  }
});

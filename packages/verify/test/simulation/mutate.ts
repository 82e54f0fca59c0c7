// Loaded with --import: changes one place in one source file of the server while it is loaded, for one process of a test.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import type { Mutation } from './mutants.ts';

const { file, from, to } = JSON.parse(process.env['PARLEY_TEST_MUTATION'] ?? '{}') as Mutation;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/packages/${file}`)) return loaded;
    const { source: read = '' } = loaded;
    const source = typeof read === 'string' ? read : Buffer.from(read as Uint8Array).toString();
    assert.equal(source.split(from).length, 2, `${file} does not have exactly once: ${from}`);
    return { ...loaded, source: source.replace(from, to) };
  },
});

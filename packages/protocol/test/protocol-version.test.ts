import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { protocolSchema, SCHEMA_FILE } from './protocol-schema.ts';

test('[WIRE-5] the wire has not changed by accident', async () => {
  // Changed on purpose? Add a line to protocol-version.ts and CHANGELOG.md, then run this test once with WRITE=1.
  if (process.env['WRITE'] === '1') await writeFile(SCHEMA_FILE, protocolSchema());
  assert.equal(await readFile(SCHEMA_FILE, 'utf8'), protocolSchema());
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Compile, type Validator } from 'typebox/schema';

const SCHEMA = JSON.parse(readFileSync(new URL('../../../../docs/cli-lines.schema.json', import.meta.url), 'utf8')) as {
  $defs: Record<string, object>;
};

const validators = new Map<string, Validator>();

/** Every type of line that docs/cli-lines.schema.json describes. */
export const LINE_TYPES: readonly string[] = Object.keys(SCHEMA.$defs);

/** A line of --json is as docs/cli-lines.schema.json says. */
export function assertLine(line: Readonly<Record<string, unknown>>): void {
  const type = String(line['type']);
  const schema = SCHEMA.$defs[type];
  assert.ok(schema !== undefined, `docs/cli-lines.schema.json has no type ${type}`);
  let validator = validators.get(type);
  if (validator === undefined) {
    validator = Compile(schema);
    validators.set(type, validator);
  }
  assert.deepEqual(validator.Errors(line)[1], [], JSON.stringify(line));
}

import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeClassicFrame, encodeFrame } from '../src/frame-encoder.ts';

test('a native frame ends with LF, a classic one with NUL', () => {
  assert.equal(encodeFrame({ a: 'é' }).toString(), '{"a":"é"}\n');
  assert.equal(encodeClassicFrame({ a: 'é' }).toString(), '{"a":"é"}\0');
});

test('[WIRE-1] whatever is said, a frame is UTF-8 and holds one terminator: the last byte', () => {
  const anyUnits = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(anyUnits, anyUnits, (key, value) => {
      for (const frame of [encodeFrame({ [key]: value }), encodeClassicFrame({ [key]: [value] })]) {
        assert.ok(isUtf8(frame));
        const terminators = [...frame].filter((byte) => byte === 0x0a || byte === 0x00);
        assert.equal(terminators.length, 1);
        assert.equal(frame.at(-1), terminators[0]);
      }
    }),
  );
});

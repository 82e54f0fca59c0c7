import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProxyHeaderError, ProxyHeaderReader } from '../../src/net/proxy-header.ts';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');

/** A header of version 2; `block` is addresses and extensions. */
function binary(command: number, family: number, block: Buffer): Buffer {
  const fixed = Buffer.from([0x20 | command, family, block.length >> 8, block.length & 0xff]);
  return Buffer.concat([SIGNATURE, fixed, block]);
}

/** Pushes piece after piece; what the reader answered in the end, with the rest completed by pieces it was not given. */
function readAll(
  bytes: Buffer,
  cuts: readonly number[] = [],
): { source: string | undefined; rest: string } | undefined {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const reader = new ProxyHeaderReader();
  let at = 0;
  for (const end of ends) {
    const header = reader.push(bytes.subarray(at, end));
    if (header) return { source: header.source, rest: header.rest.toString() + bytes.toString('utf8', end) };
    at = end;
  }
  return undefined;
}

function block4(address: string): Buffer {
  return Buffer.from([...address.split('.').map(Number), 127, 0, 0, 1, 0x30, 0x39, 0x17, 0x70]);
}

const TARGET6 = Buffer.alloc(20);
const VALID: readonly (readonly [string, Buffer, string | undefined])[] = [
  ['v1 of IPv4', Buffer.from('PROXY TCP4 203.0.113.7 127.0.0.1 40000 6001\r\n'), '203.0.113.7'],
  ['v1 of IPv6', Buffer.from('PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::1 40000 6001\r\n'), '2001:db8::1'],
  ['v1 of IPv4 in IPv6', Buffer.from('PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n'), '203.0.113.7'],
  ['v1 unknown', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['v1 unknown with addresses', Buffer.from(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`), undefined],
  ['v2 of IPv4', binary(1, 0x11, block4('203.0.113.7')), '203.0.113.7'],
  [
    'v2 of IPv6',
    binary(1, 0x21, Buffer.concat([Buffer.from('20010db8000000000000000000000001', 'hex'), TARGET6])),
    '2001:db8::1',
  ],
  [
    'v2 with extensions',
    binary(1, 0x11, Buffer.concat([block4('203.0.113.7'), Buffer.from('\x04\0\x03abc')])),
    '203.0.113.7',
  ],
  ['v2 local', binary(0, 0x00, Buffer.alloc(0)), undefined],
  ['v2 local with addresses', binary(0, 0x11, block4('203.0.113.7')), undefined],
  ['v2 of a UNIX socket', binary(1, 0x31, Buffer.alloc(216)), undefined],
  [
    'v2 of the largest size',
    binary(1, 0x11, Buffer.concat([block4('203.0.113.7'), Buffer.alloc(2_036)])),
    '203.0.113.7',
  ],
];

for (const [name, header, source] of VALID) {
  test(`[WIRE-6] a PROXY header tells whose connection it is, however it is cut: ${name}`, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.array(fc.nat(300), { maxLength: 12 }), (rest, cuts) => {
        const bytes = Buffer.concat([header, Buffer.from(rest)]);
        assert.deepEqual(readAll(bytes, cuts), { source, rest });
      }),
    );
    for (let end = 0; end < header.length; end += 1) assert.equal(readAll(header.subarray(0, end)), undefined);
  });
}

const WRONG: Readonly<Record<string, Buffer>> = {
  'a frame': Buffer.from('{"id":1'),
  TLS: Buffer.from([0x16, 0x03, 0x01]),
  HTTP: Buffer.from('GET / HTTP/1.1\r\n'),
  'another word': Buffer.from('PROXX'),
  'lower case': Buffer.from('proxy TCP4'),
  'a line without end': Buffer.from(`PROXY UNKNOWN ${'x'.repeat(93)}`),
  'an end beyond the limit': Buffer.from(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`),
  'another family': Buffer.from('PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n'),
  'IPv6 as IPv4': Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n'),
  'IPv4 as IPv6': Buffer.from('PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n'),
  'a zone': Buffer.from('PROXY TCP6 fe80::1%lo ::1 1 2\r\n'),
  'a name': Buffer.from('PROXY TCP4 localhost 1.2.3.4 1 2\r\n'),
  'no ports': Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4\r\n'),
  'three ports': Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n'),
  'a port too high': Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n'),
  'a port with a sign': Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 +2\r\n'),
  'two spaces': Buffer.from('PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n'),
  UNKNOWNS: Buffer.from('PROXY UNKNOWNS\r\n'),
  'version 1 in binary': Buffer.concat([SIGNATURE, Buffer.from([0x11, 0x11, 0, 0])]),
  'an unknown command': Buffer.concat([SIGNATURE, Buffer.from([0x22, 0x11, 0, 0])]),
  'IPv4 without addresses': binary(1, 0x11, Buffer.alloc(11)),
  'IPv6 without addresses': binary(1, 0x21, Buffer.alloc(35)),
  'more than the limit': binary(1, 0x11, Buffer.alloc(2_049)),
};

for (const [name, bytes] of Object.entries(WRONG)) {
  test(`[WIRE-6] what is no PROXY header is known as such: ${name}`, () => {
    assert.throws(() => readAll(bytes), ProxyHeaderError);
    const byBytes = Array.from(bytes, (_, index) => index);
    assert.throws(() => readAll(bytes, byBytes), ProxyHeaderError);
  });
}

test('[WIRE-2] [WIRE-6] no bytes make the reader of PROXY headers fail otherwise, nor keep more than a header may have', () => {
  const start = fc.constantFrom(Buffer.alloc(0), Buffer.from('PROXY '), Buffer.from('PROXY TCP4 1.2.3.4 '), SIGNATURE);
  const bytes = fc.tuple(start, fc.uint8Array({ maxLength: 400 })).map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(500), { maxLength: 8 }), (input, cuts) => {
      const whole = outcome(input, []);
      assert.deepEqual(outcome(input, cuts), whole);
      const filled = Buffer.concat([input, Buffer.alloc(2_100, ' ')]);
      assert.notEqual(outcome(filled, cuts), undefined, 'it waits for ever');
    }),
    { numRuns: 1_000 },
  );
});

function outcome(bytes: Buffer, cuts: readonly number[]): unknown {
  try {
    return readAll(bytes, cuts);
  } catch (error) {
    assert.ok(error instanceof ProxyHeaderError);
    return 'refused';
  }
}

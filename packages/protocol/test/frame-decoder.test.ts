import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type DecodedFrame, FrameDecoder } from '../src/frame-decoder.ts';
import { encodeClassicFrame, encodeFrame } from '../src/frame-encoder.ts';
import { parseFrame } from '../src/parse-frame.ts';

const MAX = 64;

function decode(chunks: readonly Uint8Array[], maxFrameBytes = MAX): DecodedFrame[] {
  const decoder = new FrameDecoder({ maxFrameBytes });
  const frames: DecodedFrame[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame));
  return frames;
}

/** Frames as short strings: the text and l or n, `bad`, `long`. */
function summary(frames: readonly DecodedFrame[]): string[] {
  return frames.map((frame) => {
    if (frame.kind === 'text') return `${frame.text}|${frame.terminator}`;
    return frame.kind === 'badUtf8' ? `bad|${frame.terminator}` : 'long';
  });
}

const bytes = (text: string): Buffer => Buffer.from(text);
const cutAt = (whole: Buffer, at: number): Buffer[] => [whole.subarray(0, at), whole.subarray(at)];
const singly = (whole: Buffer): Buffer[] => [...whole].map((byte) => Buffer.from([byte]));
const CUTS: readonly ((whole: Buffer) => Buffer[])[] = [
  (whole) => [whole],
  singly,
  (whole) => cutAt(whole, whole.length - 1),
];

const MIXED = bytes('{"a":"é漢😀"}\n{"b":2}\0\n\0\r\n{"c":3}\r\n{"d":"\\u000a"}\0');
const MIXED_FRAMES = ['{"a":"é漢😀"}|lf', '{"b":2}|nul', '{"c":3}|lf', '{"d":"\\u000a"}|nul'];

test('[WIRE-1] LF, CR LF and NUL end frames, mixed too; empty frames are skipped', () => {
  assert.deepEqual(summary(decode([MIXED])), MIXED_FRAMES);
});

test('[WIRE-1] frames are the same at every split point, inside characters and escapes too', () => {
  for (let at = 0; at <= MIXED.length; at++) assert.deepEqual(summary(decode(cutAt(MIXED, at))), MIXED_FRAMES);
});

test('[WIRE-1] frames are the same one byte at a time', () => {
  assert.deepEqual(summary(decode(singly(MIXED))), MIXED_FRAMES);
});

test('[WIRE-1] a thousand frames in one packet are a thousand frames', () => {
  const frames = decode([bytes('{"n":1}\n'.repeat(1_000))]);
  assert.equal(frames.length, 1_000);
  assert.ok(frames.every((frame) => frame.kind === 'text' && frame.text === '{"n":1}'));
});

test('[WIRE-1] a Uint8Array that is a view into something larger is taken as it is', () => {
  const backing = Uint8Array.from(bytes('xx{}\nxx'));
  assert.deepEqual(summary(decode([backing.subarray(2, 5)])), ['{}|lf']);
});

test('[WIRE-1] what was pushed may be overwritten afterwards', () => {
  const decoder = new FrameDecoder({ maxFrameBytes: MAX });
  const frames: DecodedFrame[] = [];
  const chunk = bytes('{"a":');
  decoder.push(chunk, (frame) => frames.push(frame));
  chunk.fill(0x78);
  decoder.push(bytes('1}\n'), (frame) => frames.push(frame));
  assert.deepEqual(summary(frames), ['{"a":1}|lf']);
});

test('[WIRE-1] any objects come back from any cut', () => {
  const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.json({ maxDepth: 2 }), { maxKeys: 4 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(objects, fc.array(fc.nat(1_000)), fc.boolean(), (messages, cuts, isClassic) => {
      const whole = Buffer.concat(messages.map(isClassic ? encodeClassicFrame : encodeFrame));
      const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      const back = decode(chunks, 100_000).map((frame) => {
        assert.equal(frame.kind, 'text');
        return frame.kind === 'text' ? JSON.parse(frame.text) : undefined;
      });
      assert.deepEqual(back, JSON.parse(JSON.stringify(messages)));
    }),
  );
});

test('[WIRE-1] any bytes in any cut give the same frames as in one piece', () => {
  const byte = fc.constantFrom(0x00, 0x0a, 0x0d, 0x61, 0xc3, 0xa9, 0xe6, 0xbc, 0xa2, 0xff, 0xed, 0xa0, 0x80);
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.nat(40), (all, at) => {
      const whole = Buffer.from(all);
      const expected = summary(decode([whole], 8));
      assert.deepEqual(summary(decode(cutAt(whole, Math.min(at, whole.length)), 8)), expected);
      assert.deepEqual(summary(decode(singly(whole), 8)), expected);
    }),
    { numRuns: 2_000 },
  );
});

for (const terminator of ['\n', '\r\n', '\0']) {
  const name = JSON.stringify(terminator);

  test(`[WIRE-1] a frame of exactly the limit is taken, one byte more is not (${name})`, () => {
    for (const text of ['x'.repeat(MAX), 'é'.repeat(MAX / 2), '😀'.repeat(MAX / 4)]) {
      const fits = bytes(text + terminator);
      const over = bytes(`${text}x${terminator}`);
      for (const cut of CUTS) {
        assert.deepEqual(summary(decode(cut(fits))), [`${text}|${terminator === '\0' ? 'nul' : 'lf'}`]);
        assert.deepEqual(summary(decode(cut(over))), ['long']);
      }
    }
  });
}

test('[WIRE-1] a frame that is too long is refused before its end, and framing is lost once', () => {
  const decoder = new FrameDecoder({ maxFrameBytes: MAX });
  const frames: DecodedFrame[] = [];
  decoder.push(bytes('x'.repeat(MAX)), (frame) => frames.push(frame));
  assert.equal(frames.length, 0);
  assert.equal(decoder.pendingBytes, MAX);
  decoder.push(bytes('x'), (frame) => frames.push(frame));
  assert.deepEqual(summary(frames), ['long']);
  assert.ok(decoder.isClosed);
  assert.equal(decoder.pendingBytes, 0);
  decoder.push(bytes('\n{}\n'), (frame) => frames.push(frame));
  assert.equal(frames.length, 1);
});

test('[WIRE-1] what came before a frame that is too long is taken, what comes after is not', () => {
  assert.deepEqual(summary(decode([bytes(`{}\n${'x'.repeat(MAX + 1)}\n{}\n`)])), ['{}|lf', 'long']);
  assert.deepEqual(
    summary(decode([Buffer.concat([bytes('{}\n\xFF'), Buffer.alloc(MAX + 1, 0xff), bytes('\n{}\n')])])),
    ['{}|lf', 'long'],
  );
});

test('[WIRE-2] a frame that is not UTF-8 is named, and the next one is taken', () => {
  for (const bad of [
    [0xff],
    [0xc0, 0x80], // an overlong NUL
    [0xe0, 0x80, 0xaf], // an overlong slash
    [0xed, 0xa0, 0x80], // a surrogate
    [0xf4, 0x90, 0x80, 0x80], // beyond U+10FFFF
    [0xe6, 0xbc], // half a character
  ]) {
    const whole = Buffer.concat([bytes('{}\n'), Buffer.from(bad), bytes('\r\n{"a":1}\0')]);
    const expected = ['{}|lf', 'bad|lf', '{"a":1}|nul'];
    assert.deepEqual(summary(decode([whole])), expected);
    assert.deepEqual(summary(decode(singly(whole))), expected);
  }
});

test('[WIRE-2] other protocols are frames that are no JSON, or none', () => {
  for (const greeting of [
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'SSH-2.0-OpenSSH_9\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
  ]) {
    const frames = decode([bytes(greeting)]);
    assert.ok(frames.length > 0);
    for (const frame of frames) assert.ok(frame.kind === 'text' && !parseFrame(frame.text).ok);
  }
  const tlsHello = Buffer.from('16030100c8010000c403036f', 'hex');
  for (const frame of decode([tlsHello, bytes('\n')])) assert.ok(frame.kind !== 'text' || !parseFrame(frame.text).ok);
});

test('[WIRE-2] binary noise never throws', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
      decode(chunks);
    }),
  );
});

test('a byte order mark stays in the text, for parseFrame to refuse', () => {
  assert.deepEqual(summary(decode([bytes('\uFEFF{}\n')])), ['\uFEFF{}|lf']);
});

test('close within onFrame stops the frames of the same chunk', () => {
  const decoder = new FrameDecoder({ maxFrameBytes: MAX });
  const frames: DecodedFrame[] = [];
  decoder.push(bytes('{}\n{}\n{'), (frame) => {
    frames.push(frame);
    decoder.close();
  });
  assert.equal(frames.length, 1);
  assert.equal(decoder.pendingBytes, 0);
});

test('end says how much of a frame is lost', () => {
  const whole = new FrameDecoder({ maxFrameBytes: MAX });
  whole.push(bytes('{}\n'), () => {});
  assert.equal(whole.end(), 0);
  const half = new FrameDecoder({ maxFrameBytes: MAX });
  half.push(bytes('{}\n{"a"'), () => {});
  assert.equal(half.end(), 4);
  assert.ok(half.isClosed);
});

test('[WIRE-1] a frame that comes one byte at a time costs memory and time in proportion to itself', () => {
  const decoder = new FrameDecoder({ maxFrameBytes: 65_536 });
  const startMs = performance.now();
  const byte = bytes('x');
  for (let sent = 0; sent < 65_536; sent++) decoder.push(byte, () => assert.fail('no frame has ended'));
  assert.equal(decoder.pendingBytes, 65_536);
  assert.ok(performance.now() - startMs < 2_000);
});

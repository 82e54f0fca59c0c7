import assert from 'node:assert/strict';
import test from 'node:test';
import { formatServerAddress, parseServerAddress } from '../src/server-address.ts';

test('addresses of every kind are read, and written so that they are read again', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['chat.example', 'chat.example:6000'],
    ['parley://chat.example:7000/', 'chat.example:7000'],
    ['PARLEYS://Chat.Example', 'parleys://Chat.Example:6000'],
    ['127.0.0.1:8000', '127.0.0.1:8000'],
    ['localhost.', 'localhost:6000'],
    ['[::1]:6000', '[::1]:6000'],
    ['::1', '[::1]:6000'],
    ['[fe80::1%eth0]:6002', '[fe80::1%eth0]:6002'],
  ];
  for (const [text, written] of cases) {
    const address = parseServerAddress(text);
    assert.ok(address, text);
    assert.equal(formatServerAddress(address), written);
    assert.deepEqual(parseServerAddress(written), address);
  }
});

test('the dot at the end of a whole name is left out', () => {
  assert.equal(parseServerAddress('chat.example.:6001')?.host, 'chat.example');
});

test('what is no address is refused', () => {
  for (const text of [
    '',
    ':6000',
    'a b',
    'host:0',
    'host:65536',
    'host:x',
    '[host]:1',
    'http://host',
    '1:2:3',
    '[::1',
  ]) {
    assert.equal(parseServerAddress(text), undefined, text);
  }
});

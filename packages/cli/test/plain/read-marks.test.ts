import assert from 'node:assert/strict';
import test from 'node:test';
import type { ChatClient } from '@parley/client';
import { ReadMarks } from '../../src/plain/read-marks.ts';

/** Notes what the server is told; there is a link or not. */
function listen(): { client: Pick<ChatClient, 'request'>; told: unknown[]; link: { isUp: boolean } } {
  const told: unknown[] = [];
  const link = { isUp: true };
  const request = (_op: string, fields: unknown): Promise<object> => {
    if (!link.isUp) return Promise.reject(new Error('There is no connection.'));
    told.push(fields);
    return Promise.resolve({});
  };
  return { client: { request: request as ChatClient['request'] }, told, link };
}

test('[POS-1] the last place of each chat is told once, when it has been quiet', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, told } = listen();
  const marks = new ReadMarks(client);
  for (const [chat, seq] of [
    ['g1', 1],
    ['g1', 2],
    ['g2', 5],
  ] as const)
    marks.mark(chat, seq);
  assert.deepEqual(told, []);
  t.mock.timers.tick(500);
  const places = [
    { conversation: 'g1', seq: 2 },
    { conversation: 'g2', seq: 5 },
  ];
  assert.deepEqual(told, places);
  await Promise.resolve();
  marks.tell();
  assert.deepEqual(told, places);
});

test('[POS-1] what could not be told for want of a link is told with the next', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, told, link } = listen();
  const marks = new ReadMarks(client);
  link.isUp = false;
  marks.mark('g1', 1);
  marks.tell();
  await Promise.resolve();
  link.isUp = true;
  marks.tell();
  assert.deepEqual(told, [{ conversation: 'g1', seq: 1 }]);
});

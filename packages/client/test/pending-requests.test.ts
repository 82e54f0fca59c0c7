import assert from 'node:assert/strict';
import test from 'node:test';
import type { ClientError } from '../src/errors.ts';
import { PendingRequests } from '../src/pending-requests.ts';

function waiter(log: string[], name: string, deadlineMs: number): Parameters<PendingRequests['add']>[0] {
  return {
    resolve: (ok) => log.push(`${name} ${String(ok)}`),
    reject: (error) => log.push(`${name} ${(error as ClientError).code ?? error.message}`),
    deadlineMs,
  };
}

test('each answer reaches its own request, once', () => {
  const pending = new PendingRequests();
  const log: string[] = [];
  const [a, b] = [pending.add(waiter(log, 'a', 100), 1), pending.add(waiter(log, 'b', 100), 2)];
  assert.equal(pending.waitingSinceMs, 1);
  pending.take(b)?.resolve('two');
  pending.take(a)?.resolve('one');
  assert.equal(pending.take(a), undefined);
  assert.deepEqual([log, pending.size, pending.waitingSinceMs], [['b two', 'a one'], 0, undefined]);
});

test('what is overdue is rejected alone; a lost link rejects the rest in order', () => {
  const pending = new PendingRequests();
  const log: string[] = [];
  for (const [name, deadline] of [
    ['a', 100],
    ['b', 50],
    ['c', 100],
  ] as const)
    pending.add(waiter(log, name, deadline), 0);
  pending.expire(50);
  pending.rejectAll(new Error('lost'));
  assert.deepEqual(log, ['b timeout', 'a lost', 'c lost']);
});

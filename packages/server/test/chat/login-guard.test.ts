import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@parley/testkit';
import { ChatError } from '../../src/chat/chat-error.ts';
import { LoginGuard } from '../../src/chat/login-guard.ts';

const ATTACKER = { address: '192.0.2.66', isLoopback: false };
const OFFICE = { address: '192.0.2.1', isLoopback: false };
const LOCAL = { address: '127.0.0.1', isLoopback: true };

function isSlowed(guard: LoginGuard, account: string, from: typeof ATTACKER): boolean {
  try {
    guard.assertAllowed(account, from);
    return false;
  } catch (error) {
    assert.ok(error instanceof ChatError);
    assert.equal(error.code, 'rate_limited');
    assert.ok((error.retryAfterMs ?? 0) > 0, 'a refusal says how long to wait');
    return true;
  }
}

function fail(guard: LoginGuard, from: typeof ATTACKER, times: number): void {
  for (let count = 0; count < times; count += 1) guard.failed('ann', from);
}

test('[AUTH-2] wrong passwords slow the address that sends them, and nobody else (C27)', () => {
  const guard = new LoginGuard(new FakeClock(), 10);
  fail(guard, ATTACKER, 9);
  assert.equal(isSlowed(guard, 'ann', ATTACKER), false);
  fail(guard, ATTACKER, 1);
  assert.equal(isSlowed(guard, 'ann', ATTACKER), true);
  assert.equal(isSlowed(guard, 'ann', OFFICE), false, 'the owner is not locked out');
  assert.equal(isSlowed(guard, 'ben', ATTACKER), false, 'another account from there has its own attempts');
});

test('[AUTH-2] an address that tries many accounts is slowed for all of them', () => {
  const guard = new LoginGuard(new FakeClock(), 10);
  for (let account = 0; account < 100; account += 1) guard.failed(`user${account}`, ATTACKER);
  assert.equal(isSlowed(guard, 'someone-new', ATTACKER), true);
  assert.equal(isSlowed(guard, 'someone-new', OFFICE), false);
});

test('[AUTH-2] attempts come back with time', () => {
  const clock = new FakeClock();
  const guard = new LoginGuard(clock, 10);
  fail(guard, ATTACKER, 10);
  assert.equal(isSlowed(guard, 'ann', ATTACKER), true);
  clock.advance(6_100);
  assert.equal(isSlowed(guard, 'ann', ATTACKER), false);
});

test('[AUTH-2] guesses on one node count on the others, and each once (C27)', () => {
  const heard: ((account: string | number, network: string) => void)[] = [];
  const guards = [0, 1, 2].map((node) => {
    const tell = (account: string | number, network: string): void => {
      heard.forEach((hear, index) => index !== node && hear(account, network));
    };
    return new LoginGuard(new FakeClock(), 10, { tell, listen: (hear) => void heard.push(hear) });
  });
  const slowed = () => guards.map((guard) => isSlowed(guard, 'ann', ATTACKER));
  for (const [index, guard] of guards.entries()) fail(guard, ATTACKER, 3 + index);
  assert.deepEqual(slowed(), [true, true, true]);
  assert.deepEqual(
    guards.map((guard) => isSlowed(guard, 'ann', OFFICE)),
    [false, false, false],
  );
  const [one] = guards;
  assert.ok(one !== undefined);
  for (let count = 0; count < 9; count += 1) one.failed('ben', OFFICE);
  assert.deepEqual(
    guards.map((guard) => isSlowed(guard, 'ben', OFFICE)),
    [false, false, false],
  );
});

test('[AUTH-2] loopback, which may be everybody behind a proxy, is not watched', () => {
  const guard = new LoginGuard(new FakeClock(), 1);
  fail(guard, LOCAL, 50);
  assert.equal(isSlowed(guard, 'ann', LOCAL), false);
});

test('[AUTH-2] addresses of one IPv6 network are one address', () => {
  const guard = new LoginGuard(new FakeClock(), 10);
  const from = (address: string): typeof ATTACKER => ({ address, isLoopback: false });
  for (let host = 1; host <= 10; host += 1) fail(guard, from(`2001:db8::${host}`), 1);
  assert.equal(isSlowed(guard, 'ann', from('2001:db8:0:0:1:2:3:4')), true);
  assert.equal(isSlowed(guard, 'ann', from('2001:db8::a:b')), true);
  assert.equal(isSlowed(guard, 'ann', from('2001:db8:0:1::1')), false);
  assert.equal(isSlowed(guard, 'ann', from('2001:db8::1:1:2:3:4')), false);
  fail(guard, from('fe80::1%eth0'), 10);
  assert.equal(isSlowed(guard, 'ann', from('fe80::2%eth0')), true);
});

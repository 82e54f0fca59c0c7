import assert from 'node:assert/strict';
import test from 'node:test';
import { Heartbeat } from '../src/heartbeat.ts';

test('[CLIENT-1] pings after ten seconds of silence of its own, and not before', () => {
  const heartbeat = new Heartbeat(0);
  assert.equal(heartbeat.check(9_999, undefined), 'nothing');
  assert.equal(heartbeat.check(10_000, undefined), 'ping');
  heartbeat.said(10_000);
  assert.equal(heartbeat.check(10_500, undefined), 'nothing');
});

test('[CLIENT-1] a request unanswered for 3 s makes the link suspect; nothing for 3 s more, and it is dead', () => {
  const heartbeat = new Heartbeat(0);
  heartbeat.said(1_000);
  assert.equal(heartbeat.check(3_999, 1_000), 'nothing');
  assert.equal(heartbeat.check(4_000, 1_000), 'ping');
  heartbeat.said(4_000);
  assert.equal(heartbeat.check(6_999, 1_000), 'nothing');
  assert.equal(heartbeat.check(7_000, 1_000), 'dead');
});

test('[CLIENT-1] whatever is heard proves the link alive, so a slow request costs one ping in 3 s and no link', () => {
  const heartbeat = new Heartbeat(0);
  heartbeat.said(0);
  for (let now = 3_000; now < 60_000; now += 3_000) {
    assert.equal(heartbeat.check(now, 0), 'ping');
    heartbeat.said(now);
    heartbeat.heard(now + 10);
    assert.equal(heartbeat.check(now + 2_990, 0), 'nothing');
    now += 10;
  }
});

test('[CLIENT-1] an idle link that died is noticed: ping, no answer, probe, dead', () => {
  const heartbeat = new Heartbeat(0);
  assert.equal(heartbeat.check(10_000, undefined), 'ping');
  heartbeat.said(10_000);
  assert.equal(heartbeat.check(13_000, 10_000), 'ping');
  heartbeat.said(13_000);
  assert.equal(heartbeat.check(16_000, 10_000), 'dead');
});

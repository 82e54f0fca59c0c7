import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { DayLines } from '../src/day-lines.ts';
import { clock } from '../src/entries.ts';

/** Shows these times in that zone, from the first on. */
function shown(t: TestContext, zone: string, ...times: readonly string[]): string[] {
  const before = process.env['TZ'];
  t.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  process.env['TZ'] = zone;
  const days = new DayLines(Date.parse(times[0] ?? ''));
  return times.map((time) => days.dated(Date.parse(time), clock(Date.parse(time))));
}

test('C63: each time has the offset of its own day, and the day is told at local midnight, once', (t) => {
  const inNewYork = shown(
    t,
    'America/New_York',
    '2026-11-01T03:59Z',
    '2026-11-01T04:00Z',
    '2026-11-01T05:30Z',
    '2026-11-01T06:30Z',
    '2026-11-02T04:59Z',
    '2026-11-02T05:00Z',
  );
  assert.deepEqual(inNewYork, [
    '23:59',
    'Sunday, 2026-11-01:\n00:00',
    '01:30',
    '01:30',
    '23:59',
    'Monday, 2026-11-02:\n00:00',
  ]);
  const inSpring = shown(t, 'America/New_York', '2026-03-08T06:59Z', '2026-03-08T07:00Z', '2026-03-09T03:59Z');
  assert.deepEqual(inSpring, ['01:59', '03:00', '23:59']);
  const inNepal = shown(t, 'Asia/Kathmandu', '2026-11-01T18:14Z', '2026-11-01T18:15Z', '2026-11-01T18:16Z');
  assert.deepEqual(inNepal, ['23:59', 'Monday, 2026-11-02:\n00:00', '00:01']);
});

test('C63: what is shown of another day, and what comes after it, both have their day above them', (t) => {
  const times = ['2026-11-26T12:00Z', '2026-11-03T12:00Z', '2026-11-03T12:01Z', '2026-11-26T12:02Z'];
  assert.deepEqual(shown(t, 'UTC', ...times), [
    '12:00',
    'Tuesday, 2026-11-03:\n12:00',
    '12:01',
    'Thursday, 2026-11-26:\n12:02',
  ]);
});

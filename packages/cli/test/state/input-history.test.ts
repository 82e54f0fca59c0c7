import assert from 'node:assert/strict';
import test from 'node:test';
import { InputHistory } from '../../src/state/input-history.ts';

test('lines are gone through from the last one, and what was being typed comes back', () => {
  const history = new InputHistory();
  for (const line of ['one', 'two', 'two', '', ' secret']) history.add(line);
  assert.equal(history.move(-1, 'half'), 'two');
  assert.equal(history.move(-1, 'two'), 'one');
  assert.equal(history.move(-1, 'one'), undefined);
  assert.equal(history.move(1, 'one'), 'two');
  assert.equal(history.move(1, 'two'), 'half');
  assert.equal(history.move(1, 'half'), undefined);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { noUtf8 } from '../../src/text/charset.ts';

test('C65: the locale says whether a terminal shows UTF-8', () => {
  assert.equal(noUtf8({ LANG: 'C' }), 'LANG=C');
  assert.equal(noUtf8({ LANG: 'uk_UA.KOI8-U' }), 'LANG=uk_UA.KOI8-U');
  assert.equal(noUtf8({ LANG: 'C.UTF-8', LC_ALL: 'POSIX' }), 'LC_ALL=POSIX');
  assert.equal(noUtf8({ LANG: 'C', LC_CTYPE: 'en_US.utf8', LC_ALL: '' }), undefined);
  assert.equal(noUtf8({}), undefined);
});

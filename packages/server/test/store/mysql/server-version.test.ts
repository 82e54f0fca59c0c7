import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertServes } from '../../../src/store/mysql/server-version.ts';
import { ServerTooOld } from '../../../src/store/store-errors.ts';

test('servers that are new enough are taken, however they write their version', () => {
  const taken = ['8.0.4-rc', '8.0.36', '9.7.4', '8.0.mysql_aurora.3.05.2', '8.0.36-28', '10.0.1', '10.11.18-MariaDB'];
  const alsoTaken = ['10.11.6-MariaDB-0+deb12u1', '5.5.5-10.11.6-MariaDB', '11.4.2-MariaDB-ubu2404', '12.0.2-MariaDB'];
  for (const version of [...taken, ...alsoTaken]) assertServes(version);
});

test('[OPS-2] older ones are refused with what they are and what is needed', () => {
  const refused = [
    '5.7.44',
    '5.7.25-TiDB-v7.1.0',
    '5.6.10-aurora',
    '10.5.29-MariaDB',
    '5.5.5-10.6.21-MariaDB',
    '9.0-MariaDB',
  ];
  for (const version of refused) {
    const message = `the database server's version is ${version}: MySQL 8.0 or MariaDB 10.11 is needed, or a newer one`;
    assert.throws(
      () => assertServes(version),
      (error) => error instanceof ServerTooOld && error.message === message,
    );
  }
});

test('[OPS-2] what has no version is refused as well', () => {
  assert.throws(() => assertServes('main'), ServerTooOld);
});

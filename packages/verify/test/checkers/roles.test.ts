import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowRecord } from '../../src/history/record.ts';
import { judge } from './breach.ts';

type Entry = Pick<RowRecord, 'kind' | 'a' | 'w' | 'role'>;

/** What the rule says about a group with these entries. */
function complaintsAbout(entries: readonly Entry[]): string[] {
  const rows = entries.map((entry, index): RowRecord => {
    const q = index + 1;
    return { k: 'row', c: 'g1', q, o: 0, g: q, h: q, x: 0, i: `id${q}`, time: 1, ...entry };
  });
  return judge(rows).flatMap(({ rule, what }) => (rule === 'roles' ? [what] : []));
}

/** Of 1, who owns it, with 2 and 3. */
const GROUP: readonly Entry[] = [
  { kind: 'create', a: 1 },
  { kind: 'join', a: 2 },
  { kind: 'join', a: 3 },
];

for (const [name, entries, complaint] of [
  [
    'whoever comes into an empty group owns it',
    [
      { kind: 'create', a: 1 },
      { kind: 'leave', a: 1 },
      { kind: 'join', a: 2 },
    ],
    undefined,
  ],
  [
    'the admin inherits',
    [...GROUP, { kind: 'role', a: 1, w: 3, role: 'admin' }, { kind: 'leave', a: 1, w: 3, role: 'owner' }],
    undefined,
  ],
  ['else the member who has been there longest', [...GROUP, { kind: 'leave', a: 1, w: 2, role: 'owner' }], undefined],
  [
    'one who came back is not there longest',
    [...GROUP, { kind: 'leave', a: 2 }, { kind: 'join', a: 2 }, { kind: 'leave', a: 1, w: 3, role: 'owner' }],
    undefined,
  ],
  [
    'a newer member inherits',
    [...GROUP, { kind: 'leave', a: 1, w: 3, role: 'owner' }],
    /left it to user 3, and not to user 2/,
  ],
  [
    'a member inherits before an admin',
    [...GROUP, { kind: 'role', a: 1, w: 3, role: 'admin' }, { kind: 'leave', a: 1, w: 2, role: 'owner' }],
    /left it to user 2, and not to user 3/,
  ],
  [
    'who leaves and owns nothing raises another',
    [...GROUP, { kind: 'leave', a: 2, w: 3, role: 'admin' }],
    /user 2 \(member\) left it to user 3/,
  ],
  ['one comes in as an admin', [...GROUP, { kind: 'join', a: 4, role: 'admin' }], /user 4 came in as admin/],
  [
    'a member puts out who is not there',
    [...GROUP, { kind: 'kick', a: 2, w: 4 }],
    /user 2 \(member\) put user 4 \(none\) out/,
  ],
  [
    'who is not there gets a role',
    [...GROUP, { kind: 'role', a: 1, w: 4, role: 'admin' }],
    /user 1 \(owner\) made user 4 \(none\) admin/,
  ],
] as const) {
  test(`[GROUP-1] [GROUP-2] ${name}`, () => {
    const complaints = complaintsAbout(entries);
    if (complaint === undefined) assert.deepEqual(complaints, []);
    else assert.match(complaints.join('\n'), complaint);
  });
}

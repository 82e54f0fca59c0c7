import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as classic from '../src/classic.ts';

test('the classic dialect is reached through one file', () => {
  assert.deepEqual(Object.keys(classic).toSorted(), [
    'CLASSIC_MSGID',
    'CLASSIC_SERVER_NAME',
    'classicFrameBytes',
    'classicName',
    'clipClassicText',
    'formatClassicTime',
    'groupChatFrames',
    'jsonBytes',
    'loginAck',
    'loginRefusal',
    'notDelivered',
    'oneChatFrames',
    'parseClassicRequest',
    'registerAck',
    'registerRefusal',
    'splitClassicText',
  ]);
});

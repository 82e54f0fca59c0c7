import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_CODES, isErrorCode } from '@parley/protocol';
import { type NativeSession, type Reply, RequestRefused } from './native-session.ts';

const TRIES = 40;
const AGAIN_MS = 500;

/** Asks again while it is told to come later. @throws RequestRefused when it is refused for good, or for 20 s */
export async function insist(session: NativeSession, op: string, fields: object): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await session.request(op, fields);
    } catch (error) {
      if (!(error instanceof RequestRefused) || !isForLater(error.code) || tries === TRIES) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

function isForLater(code: string): boolean {
  return isErrorCode(code) && ERROR_CODES[code].retry === 'later';
}

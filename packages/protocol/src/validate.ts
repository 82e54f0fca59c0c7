import Compile from 'typebox/compile';
import { type Op, REQUESTS, type RequestOf } from './upstream.ts';

export { isOp, type RequestOf } from './upstream.ts';

/** A compiled check: true when the value has the operation's shape. Unknown fields are allowed. */
export type Check = (value: unknown) => boolean;

const checks = new Map<Op, Check>();

/** The check of one operation, compiled when it is first needed (compiling all takes tens of milliseconds). */
export function checkOf(op: Op): Check {
  let check = checks.get(op);
  if (check === undefined) {
    const validator = Compile(REQUESTS[op]);
    check = (value) => validator.Check(value);
    checks.set(op, check);
  }
  return check;
}

/** Narrows a parsed frame to the operation's request. */
export function isRequest<O extends Op>(op: O, value: unknown): value is RequestOf<O> {
  return checkOf(op)(value);
}

/** Says in words what is wrong with a request, for `hint`; slow (8 µs), so only for refusals. */
export function explainRequest(op: Op, value: unknown): string {
  for (const error of Compile(REQUESTS[op]).Errors(value)) {
    const field = error.instancePath === '' ? 'request' : error.instancePath.slice(1).replaceAll('/', '.');
    return `${field} ${error.message}`.slice(0, 200);
  }
  return 'the request has another shape';
}

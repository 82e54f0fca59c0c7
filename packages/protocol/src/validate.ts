import Compile from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
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
  const errors = Compile(REQUESTS[op]).Errors(value);
  const [first] = errors;
  if (first === undefined) return 'the request has another shape';
  const union = unionOf(first);
  return (union === undefined ? said(first) : saidOfUnion(errors.filter((error) => unionOf(error) === union))).slice(
    0,
    200,
  );
}

type Mistake = Pick<TLocalizedValidationError, 'instancePath' | 'keyword' | 'message' | 'schemaPath' | 'params'>;

function unionOf({ schemaPath }: Mistake): string | undefined {
  return /^(.*?)\/anyOf\/\d+/.exec(schemaPath)?.[1];
}

/** Of the alternatives the one that was meant, if its kind can be told; else what would have done. */
function saidOfUnion(errors: readonly Mistake[]): string {
  const alternatives = Map.groupBy(errors, ({ schemaPath }) => /\/anyOf\/\d+/.exec(schemaPath)?.[0]);
  const meant = alternatives.values().find((mistakes) => mistakes.every((mistake) => wanted(mistake) === undefined));
  const [first] = (meant ?? errors) as [Mistake];
  if (meant !== undefined) return said(first);
  const there = errors.filter(({ instancePath }) => instancePath === first.instancePath);
  const values = there.filter(({ keyword }) => keyword === 'const');
  const all = new Set((values.length > 0 ? values : there).map(wanted).filter((one) => one !== undefined));
  return `${fieldOf(first)} must be ${[...all].join(' or ')}`;
}

/** The one value or type that would have done; undefined for mistakes of another sort. */
function wanted({ keyword, params }: Mistake): string | undefined {
  const { allowedValue, type } = params as { allowedValue?: unknown; type?: unknown };
  return keyword === 'const' ? String(allowedValue) : keyword === 'type' ? String(type) : undefined;
}

function said(mistake: Mistake): string {
  return `${fieldOf(mistake)} ${mistake.message}`;
}

function fieldOf({ instancePath }: Mistake): string {
  return instancePath === '' ? 'request' : instancePath.slice(1).replaceAll('/', '.');
}

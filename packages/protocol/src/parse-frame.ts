import { LIMITS } from './limits.ts';

/** A frame as an object, or why it is none; `reason` is a sentence for `hint`. [WIRE-2] */
export type ParsedFrame =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly code: 'malformed'; readonly reason: string };

/**
 * Parses the text of one frame. Never throws.
 * Accepts one JSON object, nested at most `LIMITS.jsonDepth` deep (the object itself is 1). Of duplicate keys the
 * last wins, as in JSON.parse. Keys `__proto__` are left out wherever they stand: JSON.parse makes them harmless
 * own properties, but Object.assign would not. `constructor` and `toString` are own properties like any other:
 * look names from the wire up with Object.hasOwn or a Map.
 * Numbers become doubles (1e999 is Infinity) and strings may hold lone surrogates: whoever takes a field checks it.
 */
export function parseFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(text.startsWith('\uFEFF') ? 'a byte order mark is not allowed' : 'the frame is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed('the frame is not a JSON object');
  }
  if (!isWithinDepth(value, LIMITS.jsonDepth)) {
    return malformed(`the frame is nested more than ${LIMITS.jsonDepth} deep`);
  }
  return { ok: true, value: value as Record<string, unknown> };
}

function malformed(reason: string): ParsedFrame {
  return { ok: false, code: 'malformed', reason };
}

/** Looks at most `depth` levels deep, so that its own recursion is bounded too. Removes `__proto__` on its way. */
function isWithinDepth(value: object, depth: number): boolean {
  if (depth === 0) return false;
  for (const key in value) {
    if (key === '__proto__') {
      delete (value as Record<string, unknown>)[key];
      continue;
    }
    const child = (value as Record<string, unknown>)[key];
    if (typeof child === 'object' && child !== null && !isWithinDepth(child, depth - 1)) return false;
  }
  return true;
}

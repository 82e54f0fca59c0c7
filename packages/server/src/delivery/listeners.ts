/**
 * Those who listen to one thing. Few are kept in an array of exactly their number: most conversations have one or two
 * listeners here, and a Set for those takes five times as much. Arrays are replaced, never changed, so whoever goes
 * through one may let listeners come and go meanwhile.
 */
export type Listeners<T> = readonly T[] | Set<T>;

/** More than these are kept in a set. */
const FEW = 8;

/** No listeners. */
export const NOBODY: readonly never[] = [];

/** How many listen; never counted one by one. */
export function countOf(listeners: Listeners<unknown>): number {
  return listeners instanceof Set ? listeners.size : listeners.length;
}

/**
 * With one more; one who listens already is not added twice. Use what is returned: a set changes in place, an array
 * is replaced.
 */
export function withListener<T>(listeners: Listeners<T>, added: T): Listeners<T> {
  if (listeners instanceof Set) return listeners.add(added);
  if (listeners.includes(added)) return listeners;
  // Made by pushing, as spreading does, an array reserves room for 17.
  return listeners.length < FEW ? listeners.concat([added]) : new Set(listeners).add(added);
}

/** With one less; nothing happens when it did not listen. A set stays a set, however few are left. */
export function withoutListener<T>(listeners: Listeners<T>, gone: T): Listeners<T> {
  if (listeners instanceof Set) {
    listeners.delete(gone);
    return listeners;
  }
  const at = listeners.indexOf(gone);
  return at < 0 ? listeners : listeners.toSpliced(at, 1);
}

/** A run that cannot be made here, or not be carried through. */
export class Impossible extends Error {
  override readonly name = 'Impossible';
}

/** What happens outside is told in one sentence; mistakes of ours are not hidden. */
export function impossible(about?: string): (error: unknown) => never {
  return (error) => {
    if (isMistake(error)) throw error;
    const { message } = error as Error;
    throw new Impossible(about === undefined ? message : `${about}: ${message}`, { cause: error });
  };
}

function isMistake(error: unknown): boolean {
  return !(error instanceof Error) || [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
}

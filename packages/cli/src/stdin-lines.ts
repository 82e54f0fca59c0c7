import { usageFailure } from './failure.ts';

/** More than anything that is said in a line: what has no line end is not read for ever. */
const MOST_BYTES = 1_048_576;

/**
 * The lines of a stream of bytes, as they come. Each is decoded by itself, so that one that is not UTF-8 (undefined)
 * harms no other. Ends when the stream does; throws the signal's reason when that is aborted, and a Failure (2) when a
 * line is too long to be one.
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array> & { destroy?: () => unknown },
  signal: AbortSignal,
): AsyncGenerator<string | undefined> {
  const stop = (): void => void input.destroy?.();
  signal.addEventListener('abort', stop, { once: true });
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of input) {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        yield decode(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length > MOST_BYTES) throw usageFailure(`A line is longer than ${MOST_BYTES} bytes.`);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  if (rest.length > 0) yield decode(rest);
}

function decode(bytes: Uint8Array): string | undefined {
  return decodeUtf8(bytes)?.replace(/\r$/, '');
}

/** Undefined when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

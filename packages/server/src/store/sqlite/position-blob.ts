/** Positions of consecutive entries as one value of the index. */

/** In one row of the index: 800 bytes, because SQLite puts what is above 1,002 on a page of its own. */
export const POSITIONS_PER_ROW = 100;

const BYTES = 8;

/** Little-endian doubles, on every machine. */
export function packPositions(positions: readonly number[]): Uint8Array {
  const blob = Buffer.allocUnsafe(positions.length * BYTES);
  positions.forEach((pos, index) => blob.writeDoubleLE(pos, index * BYTES));
  return blob;
}

/** How many entries a blob covers, without reading it. */
export function countPositions(blob: Uint8Array): number {
  return blob.byteLength / BYTES;
}

/** The position at an index from 0; undefined beyond the end. */
export function positionAt(blob: Uint8Array, index: number): number | undefined {
  if (index < 0 || index >= countPositions(blob)) return undefined;
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).readDoubleLE(index * BYTES);
}

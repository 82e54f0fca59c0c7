/** `(?,?,?)` for so many values. */
export function placeholders(count: number): string {
  return `(${repeat('?', count)})`;
}

/** `(?,?),(?,?)` for so many rows. */
export function placeholderRows(rows: number, columns: number): string {
  return repeat(placeholders(columns), rows);
}

/** `?,?` for so many rows, each of which is one value: an array. */
export function rowParameters(rows: number): string {
  return repeat('?', rows);
}

function repeat(part: string, count: number): string {
  return `${part},`.repeat(count).slice(0, -1);
}

/** A name's key as the bytes that the table compares. */
export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key, 'utf8');
}

/** The one place that writes to the terminal. */
export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** `12,345` from 100 on, fewer digits below: as many as the noise leaves. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** Microseconds as milliseconds. */
export function formatMs(microseconds: number): string {
  return `${formatNumber(microseconds / 1_000)} ms`;
}

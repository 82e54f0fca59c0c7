/** One thing that is counted or measured, read when somebody asks. */
export interface Metric {
  /** In Prometheus' manner: with the unit, and `_total` for what only rises. */
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  /** The value, or one for each value of a label. */
  readonly read: () => number | readonly LabelledValue[];
}

/** A value under one label, whose text is a constant of ours and never a peer's. */
export interface LabelledValue {
  readonly label: string;
  readonly is: string;
  readonly value: number;
}

/** Content type of what `exposition` returns. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** All metrics in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(lines).join('');
}

function lines({ name, help, kind, read }: Metric): string {
  const found = read();
  const samples =
    typeof found === 'number'
      ? `${name} ${found}\n`
      : found.map(({ label, is, value }) => `${name}{${label}="${is}"} ${value}\n`).join('');
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${samples}`;
}

/** Counts by a label whose values are few. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(is: string): void {
    this.#counts.set(is, (this.#counts.get(is) ?? 0) + 1);
  }

  values(label: string): LabelledValue[] {
    return [...this.#counts].map(([is, value]) => ({ label, is, value }));
  }
}

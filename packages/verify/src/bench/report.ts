import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { describeLimit, type Figure, type FigureSummary, summarise } from './figure.ts';
import { formatNumber, printLine } from './output.ts';

/** What all benches of a run have found, printed as it comes and written down at the end. */
export class Report {
  readonly #figures: (Figure & FigureSummary)[] = [];

  /** Prints a bench's title. */
  begin(title: string): void {
    printLine();
    printLine(title);
  }

  /** Prints one round, or anything else that explains a figure. */
  note(text: string): void {
    printLine(`  ${text}`);
  }

  /** Prints a figure with its ratios and what was wanted. */
  add(figure: Figure): void {
    const summary = summarise(figure);
    this.#figures.push({ ...figure, ...summary });
    const { name, unit, limits } = figure;
    const relay = (value: number) => (Number.isNaN(value) ? '' : ` (relay ${formatNumber(value)})`);
    const ratio = (value: number) => (Number.isNaN(value) ? '' : `, ratio ${value.toFixed(2)}`);
    const best = `best ${formatNumber(summary.best)}${relay(summary.boundBest)}${ratio(summary.bestRatio)}`;
    const median = `median ${formatNumber(summary.median)}${relay(summary.boundMedian)}${ratio(summary.medianRatio)}`;
    const wanted = limits.map((limit) => describeLimit(limit, unit)).join(' or ');
    const verdict = summary.met === undefined ? '' : ` · ${summary.met ? 'ok' : 'MISSED'}: wanted ${wanted}`;
    printLine(`  ${name}, ${unit}: ${best} · ${median}${verdict}`);
  }

  /** Names of the figures that missed what was wanted. */
  get missed(): string[] {
    return this.#figures.filter(({ met }) => met === false).map(({ name }) => name);
  }

  /** Writes everything as JSON: `figures` with all rounds, and what kind of machine it was. */
  writeJson(file: string, about: object): void {
    const [cpu] = os.cpus();
    const machine = { cpus: os.availableParallelism(), model: cpu?.model, kernel: os.release(), node: process.version };
    const document = { at: new Date().toISOString(), machine, ...about, figures: this.#figures };
    writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
  }
}

import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** Clock ticks a second in /proc; the same on every Linux that Node.js runs on. */
const TICKS = 100;

/**
 * Tells how much of the CPUs went to programs that have nothing to do with the bench: the more, the less a figure is
 * worth. Linux only.
 */
export class Bystanders {
  readonly #pids: readonly number[];
  #before: { total: number; own: number } | undefined;

  /** `pids` are the programs of the bench besides this process. */
  constructor(pids: readonly number[]) {
    this.#pids = [process.pid, ...pids];
  }

  start(): void {
    this.#before = existsSync('/proc/stat') ? this.#read() : undefined;
  }

  /** Share of all CPUs since the start that others used, 0 to 1; undefined where that is not known. */
  share(seconds: number): number | undefined {
    if (this.#before === undefined) return undefined;
    const now = this.#read();
    const others = now.total - this.#before.total - (now.own - this.#before.own);
    return Math.max(0, others / (seconds * TICKS * os.availableParallelism()));
  }

  #read(): { total: number; own: number } {
    const [user, nice, system, , , irq, softirq, steal] = numbersOf(readFileSync('/proc/stat', 'utf8').split('\n')[0]);
    const total = sum([user, nice, system, irq, softirq, steal]);
    return { total, own: sum(this.#pids.map(ticksOf)) };
  }
}

/** Tells how much CPU time each part of a bench used since it was made. Linux only: nothing elsewhere. */
export class CpuTimes {
  readonly #parts: readonly (readonly [name: string, pids: readonly number[]])[];
  readonly #before: readonly number[];

  constructor(parts: Readonly<Record<string, readonly number[]>>) {
    this.#parts = existsSync('/proc/stat') ? Object.entries(parts) : [];
    this.#before = this.#parts.map(([, pids]) => sum(pids.map(ticksOf)));
  }

  /** Microseconds by part, each divided by `count`: `nodes 19 · database 18`. */
  per(count: number): string {
    const micros = this.#parts.map(([name, pids], index) => {
      const ticks = sum(pids.map(ticksOf)) - (this.#before[index] ?? 0);
      return `${name} ${((ticks * 1_000_000) / TICKS / count).toFixed(1)}`;
    });
    return micros.join(' · ');
  }
}

/** User and system time of a process, all its threads, in ticks. */
function ticksOf(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold blanks. After it and the state, user and system time are the 11th and 12th.
  return sum(numbersOf(line.slice(line.lastIndexOf(')') + 2)).slice(10, 12));
}

/** The numbers after the first word. */
function numbersOf(line: string | undefined): number[] {
  return (line ?? '').trim().split(/\s+/).slice(1).map(Number);
}

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PROFILES } from './places.ts';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function's own time, those that it calls not included. */
export interface SelfTime {
  /** `commit (sqlite/writer.ts:42)`; what V8 counts apart is in parentheses. */
  readonly where: string;
  /** Of the busy time of its thread: `(idle)` is left out. */
  readonly share: number;
}

/** The functions that take most time of their own, most first. */
export function topOf(profile: CpuProfile, count: number): SelfTime[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [sample, node] of profile.samples.entries()) {
    const where = names.get(node) ?? '';
    if (where === '(idle)') continue;
    const time = profile.timeDeltas[sample] ?? 0;
    times.set(where, (times.get(where) ?? 0) + time);
    busy += time;
  }
  const sorted = [...times].toSorted(([, one], [, other]) => other - one);
  return sorted.slice(0, count).map(([where, time]) => ({ where, share: time / busy }));
}

/** Describes every profile of a process, one for each of its threads, as lines of text. */
export function describeProfiles(pid: number, count: number): string[] {
  const files = readdirSync(PROFILES).filter((file) => file.includes(`.${pid}.`));
  return files.toSorted().flatMap((file) => {
    const profile = JSON.parse(readFileSync(path.join(PROFILES, file), 'utf8')) as CpuProfile;
    const rows = topOf(profile, count).map(({ where, share }) => `${(100 * share).toFixed(1).padStart(5)} %  ${where}`);
    return [`${file}: own time, share of the thread's busy time`, ...rows];
  });
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (functionName.startsWith('(')) return functionName;
  const file = url.split('/').slice(-2).join('/');
  return file === '' ? functionName : `${functionName || 'anonymous'} (${file}:${lineNumber + 1})`;
}

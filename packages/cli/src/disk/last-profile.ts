import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from './atomic-file.ts';
import type { Paths } from './paths.ts';

/** Which profile is meant when none is named: the last one used, anywhere and on each server. */
export interface LastProfiles {
  readonly last: string | undefined;
  readonly byServer: Readonly<Record<string, string>>;
}

/** A leading point cannot begin a profile's folder. */
function fileOf(paths: Paths): string {
  return path.join(paths.stateFolder, '.last-profile.json');
}

/** Without the file, or with one that makes no sense, there is no last profile. */
export function readLastProfiles(paths: Paths): LastProfiles {
  try {
    const { last, byServer } = JSON.parse(readFileSync(fileOf(paths), 'utf8')) as Partial<LastProfiles>;
    return { last: typeof last === 'string' ? last : undefined, byServer: onlyStrings(byServer) };
  } catch {
    return { last: undefined, byServer: {} };
  }
}

function onlyStrings(value: unknown): Record<string, string> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Notes that a profile was used; writes only when that is news. */
export function noteLastProfile(paths: Paths, profile: string, server: string): void {
  const known = readLastProfiles(paths);
  if (known.last === profile && known.byServer[server] === profile) return;
  const byServer = { ...known.byServer, [server]: profile };
  writePrivateFile(fileOf(paths), `${JSON.stringify({ last: profile, byServer })}\n`);
}

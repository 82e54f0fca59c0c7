import { ServerTooOld } from '../store-errors.ts';

/** The oldest that this store is tried on; both know JSON_TABLE and SKIP LOCKED. */
const FLOORS = { MySQL: [8, 0], MariaDB: [10, 11] } as const;

/**
 * Asks what `VERSION()` answers, which a proxy's greeting need not say.
 * @throws {ServerTooOld}
 */
export function assertServes(version: string): void {
  const [needMajor, needMinor] = version.includes('MariaDB') ? FLOORS.MariaDB : FLOORS.MySQL;
  const [, major, minor] = /^(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(version) ?? [];
  const [hasMajor, hasMinor] = [Number(major ?? 0), Number(minor ?? 0)];
  if (hasMajor > needMajor || (hasMajor === needMajor && hasMinor >= needMinor)) return;
  const needed = Object.entries(FLOORS).map(([name, floor]) => `${name} ${floor.join('.')}`);
  throw new ServerTooOld(
    `the database server's version is ${version}: ${needed.join(' or ')} is needed, or a newer one`,
  );
}

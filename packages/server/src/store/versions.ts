import type { Tag } from '@parley/protocol';
import type { StateVersion } from '../chat/ports/state-store.ts';
import { randomTag } from './random-tag.ts';

/** How many versions of its private state a user's row remembers. */
const VERSIONS_KEPT = 32;

/** The versions remembered, oldest first, from a row's column. */
export function parseVersions(versions: string): StateVersion[] {
  return (JSON.parse(versions) as [number, Tag][]).map(([rev, tag]) => ({ rev, tag }));
}

/**
 * Whether a copy of the private state that stands at `since` is of this history. While `paging` its revision is a row's,
 * and only the tag is a version's.
 */
export function isKnownVersion(versions: readonly StateVersion[], since: StateVersion, paging: boolean): boolean {
  return versions.some(({ rev, tag }) => tag === since.tag && (paging || rev === since.rev));
}

/** The column with one version more, under a new tag. */
export function addVersion(versions: string, rev: number): string {
  const kept = [...parseVersions(versions), { rev, tag: randomTag() }].slice(-VERSIONS_KEPT);
  return JSON.stringify(kept.map((version) => [version.rev, version.tag]));
}

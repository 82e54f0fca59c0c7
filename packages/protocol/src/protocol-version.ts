/**
 * Version of the native dialect.
 *
 * History, newest first; the floor is the oldest version that this release still speaks.
 * - 1: the first one.
 */
export const PROTOCOL_VERSION = 1;

/** The oldest version that is still spoken. It is raised only with a line in CHANGELOG.md. */
export const PROTOCOL_FLOOR = 1;

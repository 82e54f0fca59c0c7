import type { ClientError } from '@parley/client';

/** How the program ends. Stable: scripts decide by them. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  partly: 3,
  notLoggedIn: 4,
  notFound: 5,
  refused: 6,
  slowDown: 7,
  unreachable: 69,
  bug: 70,
  queued: 75,
  badConfig: 78,
  timeout: 124,
  hungUp: 129,
  interrupted: 130,
  aborted: 134,
  terminated: 143,
} as const;

export type ExitName = keyof typeof EXIT;

/** One line for each code, as help prints them. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  done: 'done; also when the reader of our pipe went away',
  failed: 'failed, or nothing found; verify: a promise is broken',
  usage: 'wrong usage',
  partly: 'partly done',
  notLoggedIn: 'not logged in, or the session was revoked',
  notFound: 'no such person, group or message',
  refused: 'refused: not a member, blocked, not an admin',
  slowDown: 'the server said slow down and --timeout ran out',
  unreachable: 'server unreachable, or the link was lost; verify: it cannot be tried here',
  bug: 'bug in the client',
  queued: 'not sent yet, kept in the outbox (--queue)',
  badConfig: 'bad configuration',
  timeout: '--timeout or --for ended a wait that needed an answer',
  hungUp: 'SIGHUP: the window was closed',
  interrupted: 'SIGINT',
  aborted: 'SIGABRT',
  terminated: 'SIGTERM',
};

/** The server's codes that have an exit code of their own; every other refusal is `failed`. */
const BY_CODE: Readonly<Record<string, ExitName>> = {
  malformed: 'bug',
  frame_too_long: 'bug',
  bad_request: 'bug',
  unknown_op: 'bug',
  already_logged_in: 'bug',
  not_logged_in: 'notLoggedIn',
  bad_credentials: 'notLoggedIn',
  bad_token: 'notLoggedIn',
  account_disabled: 'notLoggedIn',
  revoked: 'notLoggedIn',
  bad_name: 'usage',
  bad_password: 'usage',
  bad_address: 'usage',
  bad_client_id: 'usage',
  text_empty: 'usage',
  text_too_long: 'usage',
  text_malformed: 'usage',
  not_yourself: 'usage',
  no_such_user: 'notFound',
  no_such_group: 'notFound',
  no_such_conversation: 'notFound',
  no_such_device: 'notFound',
  target_not_member: 'notFound',
  not_member: 'refused',
  already_member: 'refused',
  forbidden: 'refused',
  blocked: 'refused',
  group_full: 'refused',
  rate_limited: 'slowDown',
  busy: 'slowDown',
  store_unavailable: 'unreachable',
  draining: 'unreachable',
};

/** The exit code of what the client library throws. */
export function exitOf(error: ClientError): number {
  const byCode = Object.hasOwn(BY_CODE, error.code) ? BY_CODE[error.code] : undefined;
  if (byCode !== undefined) return EXIT[byCode];
  switch (error.kind) {
    case 'refused':
      return EXIT.failed;
    case 'timeout':
      return EXIT.timeout;
    case 'lost':
    case 'unknown_outcome':
    case 'unreachable':
      return EXIT.unreachable;
  }
}

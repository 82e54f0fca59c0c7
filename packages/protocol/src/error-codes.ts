/** What a caller may do with a refusal: repeat it never, repeat it later as it is, or repeat it after logging in. */
export type Retry = 'never' | 'later' | 'login';

/** One row of the table of errors. */
export interface ErrorCodeEntry {
  readonly retry: Retry;
  /** One sentence for the person who sees it. */
  readonly meaning: string;
}

/**
 * Every error that a request can be answered with. Codes are stable: clients decide by code, never by text.
 * docs/errors.md explains each, and a check keeps the two equal.
 */
export const ERROR_CODES = {
  malformed: { retry: 'never', meaning: 'The frame is not a JSON object in UTF-8.' },
  frame_too_long: { retry: 'never', meaning: 'The frame is longer than the limit.' },
  bad_request: { retry: 'never', meaning: 'A field is missing or has the wrong type.' },
  unknown_op: { retry: 'never', meaning: 'The server does not know this operation.' },
  unsupported_version: { retry: 'never', meaning: 'The server speaks none of the versions offered.' },
  not_logged_in: { retry: 'login', meaning: 'Log in first.' },
  already_logged_in: { retry: 'never', meaning: 'This connection is logged in already; log out first.' },
  bad_credentials: { retry: 'never', meaning: 'Unknown user or wrong password.' },
  bad_token: { retry: 'login', meaning: 'The token is unknown or was revoked; log in with the password.' },
  account_disabled: { retry: 'never', meaning: 'The account is disabled.' },
  name_taken: { retry: 'never', meaning: 'The name is taken.' },
  bad_name: { retry: 'never', meaning: 'The name is not allowed.' },
  bad_password: { retry: 'never', meaning: 'The password is too short or too long.' },
  text_empty: { retry: 'never', meaning: 'The text is empty.' },
  text_too_long: { retry: 'never', meaning: 'The text is longer than the limit.' },
  text_malformed: { retry: 'never', meaning: 'The text is not well-formed Unicode or holds U+0000.' },
  bad_client_id: { retry: 'never', meaning: 'A client id has 1 to 64 printable ASCII characters.' },
  bad_address: { retry: 'never', meaning: 'The address is not @name, #name, u42, g7 or d17-42.' },
  no_such_user: { retry: 'never', meaning: 'There is no such user.' },
  no_such_group: { retry: 'never', meaning: 'There is no such group.' },
  no_such_conversation: { retry: 'never', meaning: 'There is no such conversation, or none that you may see.' },
  no_such_device: { retry: 'never', meaning: 'There is no such device of yours.' },
  not_member: { retry: 'never', meaning: 'You are not in this conversation.' },
  already_member: { retry: 'never', meaning: 'The user is a member already.' },
  target_not_member: { retry: 'never', meaning: 'That user is not a member.' },
  group_full: { retry: 'never', meaning: 'The group has as many members as it may have.' },
  forbidden: { retry: 'never', meaning: 'Your role does not allow this.' },
  blocked: { retry: 'never', meaning: 'The other person has blocked you.' },
  not_yourself: { retry: 'never', meaning: 'This cannot be done to yourself.' },
  id_conflict: { retry: 'never', meaning: 'This client id was used for something else.' },
  cancelled: { retry: 'never', meaning: 'This client id was cancelled and will never be stored.' },
  after_failed: { retry: 'later', meaning: 'The message named by `after` is not stored; settle that one first.' },
  rate_limited: { retry: 'later', meaning: 'Slow down; see retryAfterMs.' },
  busy: { retry: 'later', meaning: 'Too much is waiting; see retryAfterMs.' },
  store_unavailable: { retry: 'later', meaning: 'The message store is not available; nothing was stored.' },
  draining: { retry: 'later', meaning: 'The server is stopping; connect again.' },
  internal: { retry: 'later', meaning: 'The server made a mistake; it is in its log.' },
} as const satisfies Record<string, ErrorCodeEntry>;

/** The closed set of codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a string from the wire is a code that this release knows. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

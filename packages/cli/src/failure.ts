import type { ClientError } from '@parley/client';
import { EXIT, type ExitName, exitOf } from './exit-codes.ts';

export interface FailureDetails {
  readonly code: string;
  readonly message: string;
  /** The next step. */
  readonly hint?: string | undefined;
  readonly exit: number;
  /** Of a message whose outcome is unknown. */
  readonly clientId?: string | undefined;
}

/** Ends the program with a message and an exit code. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  readonly hint: string | undefined;
  readonly exit: number;
  readonly clientId: string | undefined;

  constructor(details: FailureDetails) {
    super(details.message);
    this.code = details.code;
    this.hint = details.hint;
    this.exit = details.exit;
    this.clientId = details.clientId;
  }
}

/** The command line says something that makes no sense. */
export function usageFailure(message: string, hint?: string): Failure {
  return new Failure({ code: 'usage', message, hint, exit: EXIT.usage });
}

/** A file or setting is wrong; the message names it. */
export function configFailure(message: string, hint?: string): Failure {
  return new Failure({ code: 'bad_config', message, hint, exit: EXIT.badConfig });
}

/**
 * Anything else that ends the program. The code is for scripts, which see it with --json; the message is for people.
 */
export function failure(name: ExitName, code: string, message: string): Failure {
  return new Failure({ code, message, exit: EXIT[name] });
}

/** Anything that was thrown, as what is told and how the program ends. What we do not know is a bug of ours. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isClientError(error)) {
    const { code, message, clientId } = error;
    const hint = error.hint ?? (Object.hasOwn(HINTS, code) ? HINTS[code] : undefined);
    return new Failure({ code, message, hint, exit: exitOf(error), clientId });
  }
  if (isDiskTrouble(error)) return configFailure(`Nothing can be kept on disk: ${error.message}.`);
  const message = `This is a bug in parley: ${error instanceof Error ? error.message : String(error)}`;
  return new Failure({ code: 'bug', message, exit: EXIT.bug, hint: error instanceof Error ? error.stack : undefined });
}

/** As the client library has it; so that help does not load that. */
function isDiskTrouble(error: unknown): error is Error {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR';
}

/** By name, so that help does not load the client library. */
function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && error.name === 'ClientError';
}

const HINTS: Readonly<Record<string, string>> = {
  unreachable: 'Is the server running? --server says which one.',
  bad_token: 'Run: parley login',
  not_logged_in: 'Run: parley login',
};

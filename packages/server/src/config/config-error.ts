/** Exit code for wrong settings: EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/** Exit code for a command line that has no meaning (unknown flag or command), as getopt programs use it. */
const EXIT_USAGE = 2;

/** The server cannot start like this. The message is one sentence for the person who starts it, without secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode: number;

  constructor(message: string, exitCode = EXIT_CONFIG) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong. */
export class UsageError extends ConfigError {
  constructor(message: string) {
    super(`${message}; see parleyd --help`, EXIT_USAGE);
  }
}

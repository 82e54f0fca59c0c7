/** Exit codes of sysexits.h, and why; `parleyd --help` lists them. */
export const EXIT = {
  /** A port cannot be had, or the database cannot be reached: EX_UNAVAILABLE. */
  unavailable: 69,
  /** A mistake of the server: EX_SOFTWARE. */
  mistake: 70,
  /** The disk failed or is full, or the database is damaged: EX_IOERR. */
  disk: 74,
  /** Wrong settings, or data or a database server that this server must not use: EX_CONFIG. */
  config: 78,
} as const;

/** The server cannot start. The message is one sentence for the person who starts it. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Slow password hashing, bounded: rejects with ChatError `busy` when too many wait. */
export interface PasswordHasher {
  /** Returns an argon2id hash in PHC string format. */
  hash(password: string): Promise<string>;
  /** Takes the same time for an unknown user (`hash` undefined) as for a wrong password. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

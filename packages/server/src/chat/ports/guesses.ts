/**
 * What counts towards the limit of log-ins, told among the nodes, so that whoever guesses passwords has no more tries the
 * more nodes there are. A hint, as all that nodes tell each other: one that is lost is one try more. [AUTH-2]
 */
export interface Guesses {
  /** Says that one was made for this account, from there. Never throws and never waits. */
  tell(account: string | number, network: string): void;
  /** Sets who hears of those on other nodes. */
  listen(heard: (account: string | number, network: string) => void): void;
}

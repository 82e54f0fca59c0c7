/** What delivery counts, for whoever watches the node. Plain numbers: they are written on the path of every message. */
export class DeliveryStats {
  /** Transactions of the log that were stored. */
  commits = 0;
  /** Requests in them that made an entry. */
  entries = 0;
  /** From asking for a commit to its answer, all of them together, in milliseconds. */
  commitMs = 0;
  /** Transactions that surely stored nothing. */
  failedCommits = 0;
  /** Transactions whose end was not known at first. */
  unknownCommits = 0;
  /** Times that a conversation was set aside because its head was locked. */
  stuck = 0;
  journalReads = 0;
  journalEvents = 0;
}

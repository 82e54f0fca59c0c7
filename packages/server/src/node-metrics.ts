import type { LabelledValue, Metric } from './observe/metrics.ts';
import { processMetrics } from './observe/process-metrics.ts';

/** Where a node's figures come from. */
export interface MetricSources {
  readonly release: string;
  readonly connections: () => number;
  readonly sessions: {
    readonly size: number;
    readonly requests: number;
    readonly refusals: { values(label: string): LabelledValue[] };
  };
  readonly usersHere: () => number;
  readonly delivery: {
    readonly stats: {
      readonly commits: number;
      readonly entries: number;
      readonly commitMs: number;
      readonly failedCommits: number;
      readonly unknownCommits: number;
      readonly stuck: number;
      readonly journalReads: number;
      readonly journalEvents: number;
    };
    readonly feedCount: number;
    readonly journalAgeMs: number;
  };
  readonly isBusUp: () => boolean;
  readonly busDropped: () => number;
}

/** All that `/metrics` tells; docs/operations.md says what to look at. */
export function nodeMetrics(sources: MetricSources): readonly Metric[] {
  const { sessions, delivery } = sources;
  const { stats } = delivery;
  return [
    {
      name: 'parley_build_info',
      help: 'Always 1; the release is the label.',
      kind: 'gauge',
      read: () => [{ label: 'release', is: sources.release, value: 1 }],
    },
    gauge('parley_connections', 'Connections of clients now.', sources.connections),
    gauge('parley_sessions', 'Connections that have said something or may yet.', () => sessions.size),
    gauge('parley_users_online', 'Accounts with a session on this node.', sources.usersHere),
    counter('parley_requests_total', 'Frames received from clients.', () => sessions.requests),
    {
      name: 'parley_refusals_total',
      help: 'Requests refused, by error code.',
      kind: 'counter',
      read: () => sessions.refusals.values('code'),
    },
    counter('parley_entries_total', 'Entries appended to logs by this node.', () => stats.entries),
    counter('parley_commits_total', 'Transactions of the log that were stored.', () => stats.commits),
    counter('parley_commit_seconds_total', 'Time spent in them.', () => stats.commitMs / 1_000),
    counter('parley_commits_failed_total', 'Transactions that stored nothing.', () => stats.failedCommits),
    counter('parley_commits_unknown_total', 'Transactions whose end had to be asked for.', () => stats.unknownCommits),
    counter('parley_conversations_stuck_total', 'Times that a locked head set one aside.', () => stats.stuck),
    gauge('parley_feeds', 'Conversations that somebody here listens to.', () => delivery.feedCount),
    counter('parley_journal_reads_total', "Reads of the other nodes' journal.", () => stats.journalReads),
    counter('parley_journal_events_total', 'News that they brought.', () => stats.journalEvents),
    gauge('parley_journal_age_seconds', 'Since the last read that succeeded.', () => delivery.journalAgeMs / 1_000),
    gauge('parley_bus_up', 'Whether this node hears the others at once (1) or by the journal alone (0).', () =>
      Number(sources.isBusUp()),
    ),
    counter('parley_bus_dropped_total', 'Events that others hear by the journal alone.', sources.busDropped),
    ...processMetrics(),
  ];
}

function gauge(name: string, help: string, read: () => number): Metric {
  return { name, help, kind: 'gauge', read };
}

function counter(name: string, help: string, read: () => number): Metric {
  return { name, help, kind: 'counter', read };
}

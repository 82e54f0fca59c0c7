import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LabelledValue, Metric } from './metrics.ts';

/** How finely the event loop's delay is sampled, in milliseconds. */
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

/** What every process has: memory, processor time, and how late its event loop is. */
export function processMetrics(): readonly Metric[] {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time used, user and system.',
      kind: 'counter',
      read: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory held in RAM.',
      kind: 'gauge',
      read: () => process.memoryUsage.rss(),
    },
    {
      name: 'nodejs_heap_used_bytes',
      help: 'JavaScript heap in use.',
      kind: 'gauge',
      read: () => process.memoryUsage().heapUsed,
    },
    {
      name: 'process_start_time_seconds',
      help: 'When the process started, in seconds since 1970.',
      kind: 'gauge',
      read: () => performance.timeOrigin / 1_000,
    },
    {
      name: 'parley_event_loop_delay_seconds',
      help: 'How late the event loop was since the last scrape, by quantile.',
      kind: 'gauge',
      read: () => quantilesSinceLast(delay),
    },
  ];
}

function quantilesSinceLast(delay: ReturnType<typeof monitorEventLoopDelay>): LabelledValue[] {
  const late = (ns: number): number => Math.max(0, ns / NANOSECONDS - RESOLUTION_MS / 1_000);
  const values = [50, 99, 100].map((percent) => ({
    label: 'quantile',
    is: String(percent / 100),
    value: delay.count === 0 ? 0 : late(delay.percentile(percent)),
  }));
  delay.reset();
  return values;
}

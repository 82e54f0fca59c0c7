// `npm run bench`: see packages/verify/README.md. Ends with 0; with 1 when a message was lost, doubled or out of order
// (or, with --strict, when a figure missed what was wanted); with 2 when the command line is wrong.
import { benchCluster } from './cluster/cluster-bench.ts';
import { BenchContext } from './context.ts';
import { benchFanout } from './fanout/fanout-bench.ts';
import { benchIdle } from './idle/idle-bench.ts';
import { benchAckLatency } from './latency/ack-latency-bench.ts';
import { benchSlowCommit } from './latency/slow-commit-bench.ts';
import { benchLogin } from './login/login-bench.ts';
import { benchResume } from './login/resume-bench.ts';
import { type BenchName, type BenchOptions, HELP, readOptions } from './options.ts';
import { printLine } from './output.ts';
import { benchPairs } from './pairs/pairs-bench.ts';
import { Report } from './report.ts';
import { benchStart } from './start/start-bench.ts';

const BENCHES: Record<BenchName, (context: BenchContext) => Promise<void>> = {
  pairs: async (context) => {
    for (const dialect of context.options.dialects) await benchPairs(dialect, context);
  },
  fanout: benchFanout,
  login: benchLogin,
  resume: benchResume,
  idle: benchIdle,
  'slow-commit': benchSlowCommit,
  'ack-latency': benchAckLatency,
  start: benchStart,
  cluster: benchCluster,
};

process.exitCode = await main();

async function main(): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    printLine(`bench: ${(error as Error).message}`);
    return 2;
  }
  if (options === undefined) {
    printLine(HELP);
    return 0;
  }
  return runAll(options);
}

async function runAll(options: BenchOptions): Promise<number> {
  const report = new Report();
  const context = new BenchContext(options, report);
  let broken = 0;
  for (const name of options.benches) {
    try {
      await BENCHES[name](context);
    } catch (error) {
      broken += 1;
      report.note(`${name} FAILED: ${(error as Error).stack}`);
    }
  }
  if (options.json !== undefined) report.writeJson(options.json, { world: context.size });
  for (const name of report.missed) printLine(`missed: ${name}`);
  return broken > 0 || (options.strict && report.missed.length > 0) ? 1 : 0;
}

import { type Cluster, HEALTH_ABOVE } from '@parley/rig';

/** Begins to count; call what it returns for the mean size of the log's transactions since. */
export async function rowsPerCommit(cluster: Cluster): Promise<() => Promise<number>> {
  const before = await totals(cluster);
  return async () => {
    const after = await totals(cluster);
    return (after.entries - before.entries) / (after.commits - before.commits);
  };
}

async function totals({ nodes }: Cluster): Promise<{ entries: number; commits: number }> {
  let [entries, commits] = [0, 0];
  for (const { port } of nodes) {
    const text = await (await fetch(`http://127.0.0.1:${port + HEALTH_ABOVE}/metrics`)).text();
    entries += valueOf(text, 'parley_entries_total');
    commits += valueOf(text, 'parley_commits_total');
  }
  return { entries, commits };
}

function valueOf(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

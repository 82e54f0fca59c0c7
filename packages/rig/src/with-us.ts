import { existsSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';

/** What to put before a command so that the system ends it, should this process be killed. Linux only; elsewhere nothing. */
export const WITH_US: readonly string[] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--'] : [];

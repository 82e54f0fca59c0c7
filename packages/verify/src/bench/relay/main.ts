// A relay in a process of its own: `main.ts classic` or `main.ts native`. Tells its port over IPC, ends with its parent.
import { classicRelay } from './classic-relay.ts';
import { nativeRelay } from './native-relay.ts';
import { startRelay } from './relay-server.ts';

const relay = process.argv[2] === 'classic' ? startRelay(0, classicRelay()) : startRelay(10, nativeRelay());
const { port } = await relay;
process.once('disconnect', () => process.exit(0));
process.send?.({ port });

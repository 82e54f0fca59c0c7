export { ClassicClient, type ClassicFrame } from './classic-client.ts';
export { busContract } from './contracts/bus-contract.ts';
export { storeContract } from './contracts/store-contract.ts';
export { FakeClock } from './fake-clock.ts';
export { SeededRandom } from './seeded-random.ts';
export { unavailable } from './unavailable.ts';

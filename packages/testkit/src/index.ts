export { busContract } from './contracts/bus-contract.ts';
export { unavailable } from './unavailable.ts';

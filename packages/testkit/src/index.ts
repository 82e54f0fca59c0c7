export { unavailable } from './unavailable.ts';

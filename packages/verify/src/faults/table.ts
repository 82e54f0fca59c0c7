import { clockStep } from './clock-fault.ts';
import { resetConnections, slowReader } from './crowd-faults.ts';
import { diskFull } from './disk-fault.ts';
import type { Fault, FaultName } from './fault.ts';
import { drainNode, freezeNode, killNode } from './node-faults.ts';
import { cutInCommit, freezeInTransaction, partition } from './path-faults.ts';
import { freezeServer, killServer } from './server-faults.ts';

/** Each fault by its name. */
export const FAULT_TABLE: Readonly<Record<FaultName, Fault>> = {
  'kill-node': killNode,
  'freeze-node': freezeNode,
  'freeze-in-transaction': freezeInTransaction,
  'drain-node': drainNode,
  'kill-redis': killServer('redis'),
  'freeze-redis': freezeServer('redis'),
  'kill-mysql': killServer('database'),
  'freeze-mysql': freezeServer('database'),
  'cut-in-commit': cutInCommit,
  'kill-nginx': killServer('nginx'),
  partition,
  'slow-reader': slowReader,
  'disk-full': diskFull,
  'clock-step': clockStep,
  'reset-connections': resetConnections,
};

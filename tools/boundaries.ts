// Who may import whom: the layers of ARCHITECTURE.md in code. A folder is a layer. Looks at src only: tests may import anything.
import path from 'node:path';
import type { Files } from './repository.ts';

interface Layer {
  /** What the layer's files may import besides the layer itself: folders, files, or packages by name; `node:` for all of Node. */
  readonly may: readonly string[];
  /** Of these the types only. */
  readonly types?: readonly string[];
  /** These only by `import()`, when needed. */
  readonly lazily?: readonly string[];
  readonly why: string;
}

/** Parts of Node that compute and touch nothing outside. */
const PURE = ['node:assert', 'node:buffer', 'node:crypto', 'node:util'];
const SERVER = 'packages/server/src';
const CLI = 'packages/cli/src';
/** Every part of the server may log, and may know what a setting looks like. */
const ANYWHERE = { types: [`${SERVER}/config.ts`] };
const PORTS = `${SERVER}/chat/ports`;

/** The longest prefix of a file's path names its layer. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  'packages/protocol/src': { may: ['typebox', ...PURE], why: 'the wire: no I/O, and nothing of ours below it' },
  'packages/client/src': {
    may: ['@parley/protocol', 'node:'],
    why: 'runs in any program; the server is at the other end of a wire',
  },
  'packages/rig/src': { may: ['@parley/protocol', 'node:'], why: 'starts real programs, knows them from outside only' },
  'packages/testkit/src': {
    may: ['@parley/protocol', 'node:'],
    types: ['@parley/server/ports', '@parley/server/delivery'],
    why: 'contracts for ports: suites are handed an adapter, they know none',
  },
  'packages/verify/src': {
    may: [
      'packages/verify/src/checkers',
      'packages/verify/src/bench/cluster',
      'packages/verify/src/systems/read-mysql.ts',
      '@parley/rig',
      '@parley/client',
      '@parley/protocol',
      'node:',
    ],
    why: 'looks at the server from outside',
  },
  'packages/verify/src/bench/cluster': {
    may: ['packages/verify/src', '@parley/rig', '@redis/client', 'mariadb', 'node:'],
    why: 'also measures what its database and Redis do by themselves',
  },
  'packages/verify/src/systems/read-mysql.ts': {
    may: ['packages/verify/src', 'mariadb', 'node:'],
    why: 'reads the database past all nodes',
  },
  'packages/verify/src/checkers': {
    may: ['@parley/protocol', ...PURE],
    types: ['packages/verify/src/history/record.ts'],
    why: 'a judge that shares code with the judged repeats its mistakes',
  },
  'packages/verify/src/simulation': {
    may: [
      '@parley/server/delivery',
      '@parley/server/ports',
      '@parley/client',
      '@parley/protocol',
      'packages/verify/src/checkers',
      'packages/verify/src/history',
      'packages/verify/src/crowd/chance.ts',
      'node:',
    ],
    why: 'runs the real state machines, without their adapters',
  },

  [SERVER]: {
    may: [`${SERVER}/compose.ts`, `${SERVER}/config.ts`, `${SERVER}/observe`, '@parley/protocol', 'node:'],
    types: [PORTS, `${SERVER}/net`, `${SERVER}/http`],
    why: 'starting and stopping; only compose.ts names adapters',
  },
  [`${SERVER}/compose.ts`]: {
    may: [SERVER, '@parley/protocol', 'node:'],
    why: 'the one file that puts all parts together',
  },
  [`${SERVER}/explain-start.ts`]: {
    may: [SERVER, 'node:'],
    why: 'knows what each part says when it cannot start',
  },
  [`${SERVER}/net`]: {
    may: ['@parley/protocol', 'node:', `${SERVER}/observe`],
    ...ANYWHERE,
    why: 'knows frames, not chat: a session factory is handed in',
  },
  [`${SERVER}/session`]: {
    may: [`${SERVER}/chat`, `${SERVER}/delivery`, '@parley/protocol', `${SERVER}/observe`, ...PURE],
    ...ANYWHERE,
    why: 'translates frames to chat calls; sockets are below it, storage is behind chat',
  },
  [`${SERVER}/chat`]: {
    may: [PORTS, '@parley/protocol', ...PURE],
    why: 'the rules: no socket, no SQL, no clock; chat/ports says what they need',
  },
  [PORTS]: { may: ['@parley/protocol'], why: 'interfaces only' },
  [`${SERVER}/delivery`]: {
    may: [PORTS, `${SERVER}/chat`, '@parley/protocol', `${SERVER}/delivery/lane.ts`, ...PURE],
    ...ANYWHERE,
    why: 'state machines: time, chance and I/O come in as events',
  },
  [`${SERVER}/delivery/index.ts`]: {
    may: [`${SERVER}/delivery`, `${SERVER}/chat`],
    why: 'the door for the simulation',
  },
  [`${SERVER}/delivery/lane.ts`]: {
    may: [`${SERVER}/delivery`, PORTS, `${SERVER}/observe`, '@parley/protocol', 'node:'],
    ...ANYWHERE,
    why: 'carries out the effects of one message log',
  },
  [`${SERVER}/delivery/engine.ts`]: {
    may: [`${SERVER}/delivery`, PORTS, `${SERVER}/chat`, `${SERVER}/observe`, '@parley/protocol', 'node:'],
    ...ANYWHERE,
    why: 'carries the effects out, through ports',
  },
  [`${SERVER}/store`]: {
    may: [`${SERVER}/chat`, '@parley/protocol', `${SERVER}/observe`, 'node:'],
    ...ANYWHERE,
    why: 'what adapters of the store share',
  },
  [`${SERVER}/store/sqlite`]: {
    may: [`${SERVER}/chat`, `${SERVER}/store/*`, '@parley/protocol', `${SERVER}/observe`, 'node:'],
    ...ANYWHERE,
    why: 'an adapter',
  },
  [`${SERVER}/store/mysql`]: {
    may: [`${SERVER}/chat`, `${SERVER}/store/*`, '@parley/protocol', `${SERVER}/observe`, 'mariadb', 'node:'],
    ...ANYWHERE,
    why: 'an adapter',
  },
  [`${SERVER}/bus`]: {
    may: [PORTS, '@parley/protocol', `${SERVER}/observe`, '@redis/client', 'node:'],
    ...ANYWHERE,
    why: 'adapters',
  },
  [`${SERVER}/http`]: {
    may: [`${SERVER}/chat`, `${SERVER}/observe`, 'node:'],
    ...ANYWHERE,
    why: 'shows what others know',
  },
  [`${SERVER}/observe`]: {
    may: ['pino', 'prom-client', 'node:'],
    ...ANYWHERE,
    why: 'everything may import it, so it imports nothing',
  },
  [`${SERVER}/system`]: {
    may: [PORTS, `${SERVER}/chat`, '@parley/protocol', 'node:'],
    ...ANYWHERE,
    why: 'adapters of the ports for time, chance and password hashing',
  },
  [`${SERVER}/config.ts`]: { may: [`${SERVER}/config`, 'node:'], why: 'everything may know its types' },
  [`${SERVER}/config`]: { may: ['smol-toml', 'node:'], why: 'reads settings; knows nothing of what they set' },

  [CLI]: {
    may: [CLI, '@parley/client', '@parley/protocol', 'commander', 'node:'],
    lazily: ['@parley/verify'],
    why: 'the client knows the server only by its wire',
  },
  [`${CLI}/state`]: {
    may: [`${CLI}/text`, '@parley/client', '@parley/protocol', ...PURE],
    why: 'pure: what is shown, not how',
  },
  [`${CLI}/text`]: { may: ['string-width', ...PURE], why: 'pure: knows characters, not chat' },
  [`${CLI}/term`]: { may: ['node:'], why: 'knows terminals, not chat' },
  [`${CLI}/editor`]: { may: [...PURE], why: 'pure: knows lines, not chat' },
};

/** @returns one line per import that the table does not allow */
export function checkBoundaries(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    if (!/^packages\/[^/]+\/src\/.*\.ts$/.test(file)) return [];
    const name = layerOf(file);
    if (!name) return [`${file}: no layer of tools/boundaries.ts holds this file; say there what it may import`];
    const layer = LAYERS[name] as Layer;
    return importsOf(text)
      .filter((found) => !isAllowed(found, file, name))
      .map((found) => `${file}: may not import ${found.from} (${name}: ${layer.why}). Allowed: ${allowed(layer)}`);
  });
}

interface Import {
  readonly from: string;
  readonly kind: 'value' | 'type' | 'lazy';
}

const STATIC = /^[ \t]*(?:import|export)\s+(type\s)?(?:[\w\s{},*$]+?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const LAZY = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(text: string): Import[] {
  const lines = [...text.matchAll(STATIC)].map((m): Import => ({ from: m[2] ?? '', kind: m[1] ? 'type' : 'value' }));
  const calls = [...text.matchAll(LAZY)].map((m): Import => ({ from: m[1] ?? '', kind: 'lazy' }));
  return [...lines, ...calls];
}

/** A folder of the server that has no line of its own is no layer yet. */
function layerOf(file: string): string | undefined {
  const found = Object.keys(LAYERS)
    .filter((prefix) => covers(prefix, file))
    .toSorted((a, b) => b.length - a.length)[0];
  return found === SERVER && path.posix.dirname(file) !== found ? undefined : found;
}

function isAllowed(found: Import, file: string, name: string): boolean {
  const { may, types = [], lazily = [] } = LAYERS[name] as Layer;
  const target = found.from.startsWith('.') ? path.posix.join(path.posix.dirname(file), found.from) : found.from;
  if (layerOf(target) === name) return true;
  const candidates = [...may, ...(found.kind === 'type' ? types : []), ...(found.kind === 'lazy' ? lazily : [])];
  return candidates.some((candidate) => covers(candidate, target));
}

/** `node:` covers all of Node, `folder/*` the files of a folder but not its folders, any other name itself and all below. */
function covers(candidate: string, target: string): boolean {
  if (candidate.endsWith('/*')) return path.posix.dirname(target) === candidate.slice(0, -2);
  if (candidate === 'node:') return target.startsWith('node:');
  return target === candidate || target.startsWith(`${candidate}/`);
}

function allowed({ may, types = [], lazily = [] }: Layer): string {
  return [...may, ...types.map((name) => `${name} (types)`), ...lazily.map((name) => `${name} (by import())`)].join(
    ', ',
  );
}

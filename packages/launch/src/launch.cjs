// Starts a Parley program on a Node.js that is new enough, with the sources in a clone and with dist when published.
// Plain JavaScript that runs on Node 18, where the programs themselves cannot run.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** The oldest Node.js that runs Parley: `engines` of package.json. */
const FLOOR = [24, 15];

/** Signals that ask a program to do something; the rest is for the terminal, or cannot be caught. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2'];
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'];

/**
 * Runs `main` of a package with the arguments of this process. Ends as the program ends: same exit code, same signal.
 * @param {string} folder the package's folder, which has src/main.ts or dist/main.js
 * @param {string[]} flags of Node.js, which the program is better off with but runs without where it must run here
 */
function launch(folder, flags = []) {
  const source = path.join(folder, 'src/main.ts');
  const inClone = fs.existsSync(source); // npm does not publish src
  const mayStay = flags.length === 0 || !process.execve;
  if (!inClone && isNewEnough(process.versions.node) && mayStay) return runHere(path.join(folder, 'dist/main.js'));
  const node = isNewEnough(process.versions.node) ? process.execPath : findNode(folder);
  if (!node) return refuse(inClone);
  const program = inClone ? ['--conditions=@parley/source', source] : [path.join(folder, 'dist/main.js')];
  const args = [...flags, ...program];
  const env = inClone ? withCompileCache(folder) : { ...process.env };
  if (process.execve) return process.execve(node, [node, ...args, ...process.argv.slice(2)], env);
  return runBelow(node, [...args, ...process.argv.slice(2)], env);
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1]);
}

function runHere(file) {
  import(require('node:url').pathToFileURL(file).href).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

/** The Node.js of the clone that this package lies in; tools/ready.cjs has seen to it that it starts. */
function findNode(folder) {
  const file = path.join(folder, '../../node_modules/.bin/node');
  return fs.existsSync(file) ? file : undefined;
}

function refuse(inClone) {
  const remedy = inClone ? 'run `npm ci` in the clone, or use a newer Node.js' : 'install a newer one';
  process.stderr.write(`Parley needs Node.js ${FLOOR.join('.')} or later, this is ${process.version}: ${remedy}.\n`);
  process.exitCode = 1;
}

/** Compiled sources are kept between starts: a start takes a quarter of a second less. */
function withCompileCache(folder) {
  return { NODE_COMPILE_CACHE: path.join(folder, '../../node_modules/.cache/node'), ...process.env };
}

/**
 * An old Node.js cannot become another program, so it stays as its parent. File 3 ties the two together: when we are killed
 * outright, it closes, and orphan.cjs ends the program instead of leaving it to hold its port.
 */
function runBelow(node, args, env) {
  const child = spawn(node, ['--require', path.join(__dirname, 'orphan.cjs'), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...env, PARLEY_LAUNCHER: '3' },
  });
  const forward = (signal) => {
    if (!(FROM_TERMINAL.includes(signal) && isForeground())) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  child.on('error', (error) => {
    process.stderr.write(`Parley cannot start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    for (const name of FORWARDED) process.off(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}

/** A terminal sends Ctrl-C to all processes in its foreground: then the program has it already. */
function isForeground() {
  try {
    const stat = fs.readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5]; // our process group, and the one in the terminal's foreground
  } catch {
    return Boolean(process.stdin.isTTY);
  }
}

module.exports = { launch };

'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const POLL_MS = 200;

/**
 * Runs `work` while no other process does, on this machine. A process that died does not keep the lock.
 *
 * How: the folder holds files 1, 2, 3 …; the highest is the lock, and it names the processes that keep it. When none of them
 * lives any more, whoever first creates the next number has the lock. The highest file is never deleted, so a number is
 * never won twice; a process gives the lock back by ending or by emptying its file.
 *
 * @param {string} folder
 * @param {(line: string) => void} say
 * @param {(lock: {addProcess(pid: number): void}) => Promise<void>} work
 */
async function withLock(folder, say, work) {
  fs.mkdirSync(folder, { recursive: true });
  const file = await acquire(folder, say);
  try {
    await work({ addProcess: (pid) => fs.appendFileSync(file, `${identity(pid)}\n`) });
  } finally {
    fs.writeFileSync(file, '');
  }
}

async function acquire(folder, say) {
  for (let waited = false; ; waited = true) {
    const highest = Math.max(0, ...numbers(folder));
    const keeper = livingKeeper(path.join(folder, String(highest)));
    if (!keeper) {
      const mine = tryCreate(folder, highest + 1);
      if (mine) return mine;
    } else if (!waited) {
      say(`process ${keeper} is installing here already; waiting for it`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Written aside and linked into place: nobody sees a lock file before it names its process. */
function tryCreate(folder, number) {
  const draft = path.join(folder, `draft-${process.pid}`);
  const file = path.join(folder, String(number));
  fs.writeFileSync(draft, `${identity(process.pid)}\n`);
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    fs.unlinkSync(draft);
  }
  for (const old of numbers(folder)) if (old < number) fs.rmSync(path.join(folder, String(old)), { force: true });
  return file;
}

function numbers(folder) {
  return fs.readdirSync(folder).map(Number).filter(Number.isInteger);
}

/** @returns {string | undefined} the process id of a living process that keeps the lock */
function livingKeeper(file) {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [];
  const living = lines.find((line) => line !== '' && identity(line.split(' ')[0]) === line);
  return living?.split(' ')[0];
}

/**
 * Process id and start time: ids are used again after a while, the pair is not.
 * @param {number | string} pid
 * @returns {string} without a start time when there is no such process
 */
function identity(pid) {
  try {
    if (process.platform !== 'linux') {
      return `${pid} ${execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()}`;
    }
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the 3rd field on: the 2nd, a name, may hold blanks
    return fields[0] === 'Z' ? `${pid}` : `${pid} ${fields[19]}`;
  } catch {
    return `${pid}`;
  }
}

module.exports = { withLock };

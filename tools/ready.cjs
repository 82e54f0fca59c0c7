// Makes a clone ready to run: runs before `npm start`, `npm test` and the other commands (the pre… hooks of package.json).
// When all is well it prints nothing and takes a few milliseconds. Otherwise it installs what package-lock.json asks for
// and sees to it that node_modules/.bin/node starts.
//
// Plain JavaScript with nothing imported from outside, because it runs before anything is installed, on npm's own Node (18 or later).
'use strict';

const path = require('node:path');
const { whatIsMissing } = require('./ready/installed.cjs');
const { install } = require('./ready/install.cjs');
const { withLock } = require('./ready/lock.cjs');
const { ensureNodeStarts } = require('./ready/node.cjs');

const root = path.join(__dirname, '..');

/** @param {string} line */
function say(line) {
  process.stderr.write(`parley: ${line}\n`);
}

async function main() {
  if (whatIsMissing(root)) await withLock(path.join(root, '.ready-lock'), say, installWhatIsMissing);
  ensureNodeStarts(root, say);
}

/** @param {{addProcess(pid: number): void}} lock */
async function installWhatIsMissing(lock) {
  const reason = whatIsMissing(root); // asked again: another start may have installed while we waited
  if (!reason) return;
  say(`${reason}; installing what package-lock.json names (about 110 MB to fetch the first time)`);
  await install(root, lock);
  const still = whatIsMissing(root);
  if (still) throw new Error(`npm ci ended well, yet ${still}. Delete node_modules and run \`npm ci\` to see why.`);
}

main().catch((error) => {
  say(error.message);
  process.exitCode = error.exitCode ?? 1;
});

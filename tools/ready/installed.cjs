'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * Compares package-lock.json with what npm noted in node_modules/.package-lock.json, and that note with the folders.
 * Packages that are there beyond the lock file do no harm and are not looked for.
 *
 * @param {string} root the clone's folder
 * @returns {string | undefined} why an installation is needed; undefined when all is there
 */
function whatIsMissing(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'));
  if (!wanted) throw new Error('package-lock.json cannot be read: this clone is not complete');
  const noted = readPackages(path.join(root, 'node_modules/.package-lock.json'));
  if (!noted) return 'nothing is installed yet';
  for (const [folder, entry] of Object.entries(wanted)) {
    if (folder === '') continue; // the root itself
    const present = noted[folder];
    if (!present && !isNeededHere(entry)) continue;
    if (!present) return `${folder} is not installed`;
    if (!isSame(entry, present)) return `${folder} is not the version of package-lock.json`;
    if (!fs.existsSync(path.join(root, folder, 'package.json'))) return `${folder} has lost its files`;
  }
  return undefined;
}

/** @returns {Record<string, any> | undefined} undefined when the file is missing, cut off or not a lock file */
function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * npm leaves out optional packages that are for another system, and what only those need. Which C library this system has
 * (`libc`) is not worth finding out: such packages come and go together with others that we do look at.
 */
function isNeededHere(entry) {
  if (!entry.optional && !entry.devOptional) return true;
  if (!entry.os || !entry.cpu || entry.libc) return false;
  return names(entry.os, process.platform) && names(entry.cpu, process.arch);
}

/** Reads npm's `os` and `cpu`: `"linux"`, `["linux"]`, or `["!win32"]` for all but one. */
function names(oneOrMore, value) {
  const list = [oneOrMore].flat();
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((item) => item.startsWith('!'));
}

function isSame(wanted, present) {
  return ['version', 'integrity', 'link', 'bin'].every(
    (key) => JSON.stringify(wanted[key]) === JSON.stringify(present[key]),
  );
}

module.exports = { whatIsMissing };

'use strict';

const { spawn } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');

/** What a person may want to end an installation with. npm gets the same signal; we end the way it ends. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs `npm ci` with everything in it, whatever NODE_ENV or an outer npm command says. Its output goes to stderr, because
 * stdout belongs to the command that comes after us.
 *
 * @param {string} root
 * @param {{addProcess(pid: number): void}} lock kept by npm too, so that it holds when we are killed and npm lives on
 * @throws when npm does not end with 0; `exitCode` says what to exit with
 */
async function install(root, lock) {
  const [program, ...args] = npmCommand();
  const child = spawn(
    program,
    [...args, 'ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-fund', '--no-audit'],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  const ended = endOf(child);
  if (child.pid) lock.addProcess(child.pid);
  const { code, signal } = await ended;
  if (signal) throw failure(`the installation was ended by ${signal}`, 128 + os.constants.signals[signal]);
  if (code !== 0) throw failure('the installation failed; npm says why above', code);
}

/** The npm that runs us, with the Node that runs it. Other package managers do not read our lock file: then plain `npm`. */
function npmCommand() {
  const npm = process.env.npm_execpath;
  return npm && path.basename(npm) === 'npm-cli.js' ? [process.execPath, npm] : ['npm'];
}

/** @returns {Promise<{code: number, signal: string | null}>} */
function endOf(child) {
  const asked = [];
  const forward = (signal) => {
    asked.push(signal);
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(failure(`npm cannot be started: ${error.message}`, 1)));
    child.on('exit', (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward);
      resolve({ code, signal: asked[0] ?? signal });
    });
  });
}

function failure(message, exitCode) {
  return Object.assign(new Error(message), { exitCode });
}

module.exports = { install };

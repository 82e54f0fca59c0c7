// Preloaded into a program that launch.cjs runs below itself: ends the program when the launcher is gone.
'use strict';

const net = require('node:net');
const { isMainThread } = require('node:worker_threads');

/** How long a program may take to end by itself once its launcher is gone. */
const GRACE_MS = 10_000;

const file = process.env.PARLEY_LAUNCHER;
delete process.env.PARLEY_LAUNCHER; // not for programs that this one starts

if (file && isMainThread) {
  const launcher = new net.Socket({ fd: Number(file), readable: true, writable: false });
  launcher.on('error', () => {}); // followed by close
  launcher.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  });
  launcher.resume().unref();
}

// Preloaded into nodes under trial (node --import), in each of their threads: their wall clock is ahead by as many
// milliseconds as the file PARLEY_VERIFY_CLOCK says, and follows it when it changes.
import { readFileSync } from 'node:fs';

const LOOK_MS = 50;

const file = process.env['PARLEY_VERIFY_CLOCK'];
if (file !== undefined) {
  const real = Date.now;
  let ahead = 0;
  const look = (): void => {
    try {
      ahead = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      ahead = 0;
    }
  };
  look();
  Date.now = () => real() + ahead;
  setInterval(look, LOOK_MS).unref();
}

import { randomBytes } from 'node:crypto';

const HEX3 = Array.from({ length: 4096 }, (_, n) => n.toString(16).padStart(3, '0'));

/**
 * Returns a maker of client ids in the form of UUIDv7: they lead with the time in milliseconds and rise, as the log's
 * unique key wants them. Two orders of magnitude cheaper than real ones, since only the maker is random, not each id.
 */
export function clientIdMaker(): () => string {
  const tail = `-8${randomBytes(2).toString('hex').slice(0, 3)}-${randomBytes(6).toString('hex')}`;
  let lead = '';
  let leadMs = 0;
  let count = 4096;
  return () => {
    const now = Date.now();
    if (now > leadMs || count === 4096) {
      // More than 4,096 in one millisecond: borrow the next one, so that ids still rise.
      leadMs = Math.max(now, leadMs + 1);
      count = 0;
      const hex = leadMs.toString(16).padStart(12, '0');
      lead = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    }
    const id = lead + HEX3[count] + tail;
    count += 1;
    return id;
  };
}

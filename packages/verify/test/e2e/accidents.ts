import type { Tamper } from '../../src/systems/tcp-proxy.ts';

const ENTRY = /(?<=\n)\{"ev":"entry"[^\n]*"kind":"message"[^\n]*\n/g;

/** What happens to which frame: the nth entry that lies whole in what was read at once. */
const ACCIDENTS: Readonly<Record<number, (frame: string) => string>> = {
  20: () => '',
  40: (frame) => frame + frame,
  60: (frame) => frame.replace('"text":"', '"text":"!'),
};

/** Loses, doubles and changes one entry each on its way to the crowd. */
export function accidents(): Tamper {
  let seen = 0;
  return (bytes, direction) => {
    if (direction === 'up') return [bytes];
    const changed = bytes.toString('latin1').replace(ENTRY, (frame) => {
      seen += 1;
      return ACCIDENTS[seen]?.(frame) ?? frame;
    });
    return [Buffer.from(changed, 'latin1')];
  };
}

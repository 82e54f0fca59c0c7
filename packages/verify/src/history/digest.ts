import type { WireEntry } from '@parley/protocol';

/** What an entry says, wherever it was read. */
export type Content = Pick<WireEntry, 'seq' | 'ord' | 'tag' | 'kind' | 'clientId' | 'time'> & {
  readonly author: number;
  readonly text?: string | null | undefined;
  readonly target?: number | null | undefined;
  readonly role?: string | null | undefined;
};

/** A 32-bit fingerprint (FNV-1a over UTF-16 units): unequal contents are taken for equal once in four thousand million. */
export function digestOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** The fingerprint of all that an entry says. */
export function digestOfEntry(entry: Content): number {
  const { seq, ord, tag, kind, author, clientId, time, text, target, role } = entry;
  return digestOf(
    `${seq} ${ord} ${tag} ${kind} ${author} ${clientId} ${time} ${target ?? ''} ${role ?? ''} ${text ?? ''}`,
  );
}

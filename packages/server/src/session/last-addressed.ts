import type { UserId } from '@parley/protocol';
import type { Directory } from '../chat/directory.ts';
import type { Conversation } from '../chat/ports/index.ts';

/**
 * The conversation that a session wrote to last. Most messages go where the one before went, and comparing two short
 * strings costs a tenth of looking a new one up in a map.
 */
export class LastAddressed {
  #me: UserId | undefined;
  #to = '';
  #conversation: Conversation | undefined;

  /** Like Directory.known. */
  known(directory: Pick<Directory, 'known'>, me: UserId, to: string): Conversation | undefined {
    if (to === this.#to && me === this.#me) return this.#conversation;
    const found = directory.known(me, to);
    if (found === undefined) return undefined;
    this.#me = me;
    this.#to = to;
    this.#conversation = found;
    return found;
  }
}

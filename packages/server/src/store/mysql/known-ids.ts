import type { UserId } from '@parley/protocol';
import type { PastEntry } from '../../chat/append-plan.ts';
import type { AppendRequest, ConversationId } from '../../chat/ports/records.ts';
import { hashOf } from '../recent-ids.ts';

/** Client ids kept; twice as many at most, of about 250 bytes each. */
const KEPT = 32_768;

/** What is stored under a client id, by whose it is. */
export type KnownPast = PastEntry & Pick<AppendRequest, 'clientId' | 'conversation' | 'author'>;

interface Node {
  readonly past: KnownPast;
  /** Others with the same hash. */
  readonly next: Node | undefined;
}

/**
 * Client ids that one connection has seen stored, which becomes untrue only when an older copy of the database takes
 * over: then the connection ends. That one is absent here says nothing.
 */
export class KnownIds {
  /** By the id's hash: V8 makes every string that becomes a key unique first, which takes 1.2 µs for 36 characters. */
  #young = new Map<number, Node>();
  #old = new Map<number, Node>();

  get(conversation: ConversationId, author: UserId, clientId: string): KnownPast | undefined {
    const hash = hashOf(clientId);
    for (const nodes of [this.#young, this.#old]) {
      for (let node = nodes.get(hash); node !== undefined; node = node.next) {
        const { past } = node;
        if (isUnder(past, conversation, author) && past.clientId === clientId) return past;
      }
    }
    return undefined;
  }

  add(past: KnownPast): void {
    if (this.#young.size >= KEPT) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    const hash = hashOf(past.clientId);
    this.#young.set(hash, { past, next: this.#young.get(hash) });
  }

  /** Takes out what was added and is not stored after all. */
  remove({ clientId, conversation, author }: KnownPast): void {
    const hash = hashOf(clientId);
    for (const nodes of [this.#young, this.#old]) {
      const kept = without(
        nodes.get(hash),
        (past) => isUnder(past, conversation, author) && past.clientId === clientId,
      );
      if (kept === undefined) nodes.delete(hash);
      else nodes.set(hash, kept);
    }
  }
}

function isUnder(past: KnownPast, conversation: ConversationId, author: UserId): boolean {
  return past.author === author && past.conversation === conversation;
}

function without(node: Node | undefined, isGone: (past: KnownPast) => boolean): Node | undefined {
  if (node === undefined) return undefined;
  const next = without(node.next, isGone);
  return isGone(node.past) ? next : { past: node.past, next };
}

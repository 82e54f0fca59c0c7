import { type ChatClient, ClientError } from '@parley/client';
import type { WireEntry } from '@parley/protocol';

/** The end of a chat. */
export interface LastEntries {
  /** Oldest first. */
  readonly entries: readonly WireEntry[];
  /** There are earlier ones, which were not asked for. */
  readonly more: boolean;
  /** They are those that this machine kept: others may have come since, and some may be missing. */
  readonly isKept: boolean;
}

/** What is asked for: the end of a chat, so many entries. */
export interface Wanted {
  readonly conversation: string;
  readonly limit: number;
}

/** Asks the server, or takes what is kept when the server cannot be asked. Throws what the client throws. */
export async function lastEntries(
  client: ChatClient,
  wanted: Wanted,
  kept: (wanted: Wanted) => readonly WireEntry[],
): Promise<LastEntries> {
  try {
    const { entries, more } = await client.request('history', { ...wanted });
    return { entries, more, isKept: false };
  } catch (error) {
    const entries = isWithoutLink(error) ? kept(wanted) : [];
    if (entries.length === 0) throw error;
    return { entries, more: false, isKept: true };
  }
}

/** The server was not heard: it refused nothing. */
export function isWithoutLink(error: unknown): boolean {
  return error instanceof ClientError && error.kind !== 'refused';
}

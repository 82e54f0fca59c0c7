import type { StoreMistakes } from '../../src/simulation/sim-store.ts';

/** A place in a file under packages, and what it becomes. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A mistake that the simulation must find. */
export interface Mutant {
  readonly name: string;
  /** Rules of docs/guarantees.md that it breaks. */
  readonly promises: string;
  /** Rules of the checkers, one of which must name it. */
  readonly rules: readonly string[];
  readonly mutations?: readonly Mutation[];
  readonly mistakes?: StoreMistakes;
}

/** Each undoes one thing that the promises rest on. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'acknowledge before commit',
    promises: '[SEND-1]',
    rules: ['acknowledged'],
    mistakes: { answersBeforeCommit: true },
  },
  {
    name: 'no journal reads',
    promises: '[DELIV-2]',
    rules: ['delivered'],
    mutations: [
      {
        file: 'server/src/delivery/journal-poll.ts',
        from: '      const news = await this.#deps.journal.read();',
        to: "      const news = { state: 'news', events: [] };",
      },
    ],
  },
  {
    name: 'turn live before meeting the feed',
    promises: '[DELIV-1]',
    rules: ['once', 'delivered'],
    mutations: [
      {
        file: 'server/src/delivery/conversation-sync.ts',
        from: 'if (hasMore && this.#cursor.seq === position.seq && this.#meets(position)) return;',
        to: "if (hasMore) { this.#state = 'live'; this.#settle(); return; }",
      },
    ],
  },
  {
    name: 'do not check the client id on resend',
    promises: '[SEND-2]',
    rules: ['acknowledged', 'repeats'],
    mutations: [
      {
        file: 'server/src/chat/append-plan.ts',
        from: 'if (past !== undefined) return repeat(request, past);',
        to: "if (past !== undefined && request.kind === 'cancel') return repeat(request, past);",
      },
    ],
  },
  {
    name: 'treat an ambiguous commit as failed',
    promises: '[SEND-5]',
    rules: ['phantom', 'chain', 'acknowledged'],
    mutations: [
      {
        file: 'server/src/delivery/message-log.ts',
        from: "    if (outcome.state === 'unknown') {\n      this.#askOutcome();",
        to: "    if (outcome.state === 'unknown') outcome = { state: 'failed', reason: '' };\n    if (false) {",
      },
    ],
  },
  {
    name: 'cached membership',
    promises: '[IDENT-2]',
    rules: ['forbidden', 'audience'],
    mistakes: { cachesMembers: true },
  },
  {
    name: 'ignore the tag',
    promises: '[TAG-1]',
    rules: ['delivered', 'once', 'fork'],
    mutations: [
      {
        file: 'server/src/delivery/conversation-sync.ts',
        from: 'return this.#cursor.tag === UNKNOWN_TAG || this.#cursor.tag === entry.tag;',
        to: 'return this.#cursor.tag === UNKNOWN_TAG || entry.tag !== undefined;',
      },
    ],
  },
  {
    name: 'let m2 past a refused m1',
    promises: '[ORDER-2]',
    rules: ['chain'],
    mutations: [
      {
        file: 'server/src/chat/append-plan.ts',
        from: 'request.after !== null && view.past(request.conversation, request.author, request.after) === undefined',
        to: 'request.after === request.clientId',
      },
    ],
  },
  {
    name: "take a hint's body without its prevTag",
    promises: '[DELIV-2]',
    rules: ['same'],
    mutations: [
      {
        file: 'server/src/delivery/feed.ts',
        from: 'entry.seq === this.#position.seq + 1 && before === this.#position.tag',
        to: 'entry.seq === this.#position.seq + 1',
      },
    ],
  },
];

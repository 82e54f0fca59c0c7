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
  /**
   * The first seed to try, a little before the first that shows it: those before prove nothing twice. `scopes`: it takes
   * a meeting so rare that only the scopes have it. Left out: 1.
   */
  readonly first?: number | 'scopes' | undefined;
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
    rules: ['once', 'delivered', 'synced'],
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
    first: 61,
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
  {
    name: 'a block is not judged',
    promises: '[IDENT-2]',
    rules: ['forbidden'],
    mutations: [
      {
        file: 'server/src/chat/append-plan.ts',
        from: "view.hasBlocked(peer, request.author) ? 'blocked'",
        to: "view.hasBlocked(peer, request.author) && request.kind === 'leave' ? 'blocked'",
      },
    ],
  },
  {
    name: 'cached blocks',
    promises: '[IDENT-2]',
    rules: ['forbidden'],
    mistakes: { cachesBlocks: true },
  },
  {
    name: 'what a lazy sync leaves out is not told',
    promises: '[DELIV-1]',
    rules: ['once', 'delivered'],
    mutations: [
      {
        file: 'server/src/delivery/conversation-sync.ts',
        from: 'if (begin > first) this.#skipTo((begin - 1) as Seq, first, reason);',
        to: 'if (begin > first) this.#cursor = untagged((begin - 1));',
      },
    ],
  },
  {
    name: 'a lazy sync leaves one out too many',
    promises: '[DELIV-1]',
    rules: ['once'],
    mutations: [
      {
        file: 'server/src/delivery/sync-start.ts',
        from: '- want.last + 1;',
        to: '- want.last + 2;',
      },
    ],
  },
  {
    name: 'who went and came back is shown what was said between',
    promises: '[VIS-1]',
    rules: ['audience'],
    mutations: [
      {
        file: 'server/src/chat/history.ts',
        from: 'entries.filter(({ seq }) => seq >= stay.from);',
        to: 'entries.filter(({ seq }) => seq > 0);',
      },
    ],
  },
  {
    name: 'an admin puts the owner out',
    promises: '[GROUP-1]',
    rules: ['roles'],
    first: 191,
    mutations: [
      {
        file: 'server/src/chat/append-plan.ts',
        from: "if (RANK[role] <= RANK[targetRole] || role === 'member')",
        to: "if (role === 'member')",
      },
    ],
  },
  {
    name: 'an admin gives roles',
    promises: '[GROUP-1]',
    rules: ['roles'],
    first: 401,
    mutations: [
      {
        file: 'server/src/chat/append-plan.ts',
        from: "if (role !== 'owner' || request.role === null",
        to: "if (role === 'member' || request.role === null",
      },
    ],
  },
  {
    name: 'the owner leaves without an heir',
    promises: '[GROUP-2]',
    rules: ['roles'],
    mutations: [
      {
        file: 'server/src/chat/append-plan.ts',
        from: "const heir = role === 'owner' ? view.heir(conversation, author) : undefined;",
        to: "const heir = role === 'admin' ? view.heir(conversation, author) : undefined;",
      },
    ],
  },
  {
    name: 'a page is not cut at the end of a stay',
    promises: '[VIS-1]',
    rules: ['audience'],
    first: 211,
    mutations: [
      {
        file: 'server/src/delivery/conversation-sync.ts',
        from: ' || !this.#isVisible(entry.seq)) break;',
        to: ') break;',
      },
    ],
  },
  {
    name: 'an answer about a membership that is older than what happened since is taken',
    promises: '[DELIV-1]',
    rules: ['delivered'],
    first: 'scopes',
    mutations: [
      {
        file: 'server/src/delivery/session-sync.ts',
        from: 'const mustAskAgain = this.#asked?.get(conversation) === true;',
        to: 'const mustAskAgain = false;',
      },
    ],
  },
  {
    name: 'who stands on another entry than the feed reads on by himself',
    promises: '[TAG-1]',
    rules: ['fork', 'rest'],
    first: 601,
    mutations: [
      {
        file: 'server/src/delivery/conversation-sync.ts',
        from: '&& !isThere) this.#doubt();',
        to: '&& position.seq > page.head.seq) this.#doubt();',
      },
    ],
  },
  {
    name: 'synced is told before everything has come',
    promises: '[DELIV-1]',
    rules: ['synced'],
    mutations: [
      {
        file: 'server/src/delivery/session-sync.ts',
        from: 'if (this.#unsettled > 0 || !this.#hasMemberships',
        to: 'if (!this.#hasMemberships',
      },
    ],
  },
  {
    name: 'a revoked session lives on',
    promises: '[IDENT-3]',
    rules: ['forbidden', 'revoked'],
    first: 251,
    mutations: [
      {
        file: 'server/src/delivery/peer-syncs.ts',
        from: "if (devices.includes(peer.device)) peer.close('revoked');",
        to: 'if (devices.includes(peer.device)) this.#revoked.set(peer.device, true);',
      },
    ],
  },
  {
    name: 'the journal is not read while the bus is missed',
    promises: '[DELIV-2]',
    rules: ['delivered', 'state'],
    first: 71,
    mutations: [
      {
        file: 'server/src/delivery/journal-poll.ts',
        from: '? INTERVAL_MS : INTERVAL_ALONE_MS;',
        to: '? INTERVAL_MS : Number.POSITIVE_INFINITY;',
      },
    ],
  },
  {
    name: 'a conversation that appears later is not followed',
    promises: '[STATE-1]',
    rules: ['delivered'],
    mutations: [
      {
        file: 'server/src/delivery/session-sync.ts',
        from: 'const mustAsk = known?.isLeaving ?? !(row.left && this.#passedOver?.has(id));',
        to: 'const mustAsk = known?.isLeaving === true;',
      },
    ],
  },
  {
    name: 'a conversation that was over before a session looked is passed over',
    promises: '[DELIV-1]',
    rules: ['delivered'],
    first: 113_232,
    mutations: [
      {
        file: 'server/src/delivery/session-sync.ts',
        from: 'const mustAsk = known?.isLeaving ?? !(row.left && this.#passedOver?.has(id));',
        to: 'const mustAsk = known?.isLeaving ?? !row.left;',
      },
      { file: 'server/src/delivery/session-sync.ts', from: 'else if (this.#isBack) this.#noteMissed(page);', to: '' },
    ],
  },
  {
    name: 'a session that outlives a restore reads its private state on',
    promises: '[STATE-1] [TAG-1]',
    rules: ['state'],
    first: 141,
    mistakes: { trustsVersions: true },
  },
  {
    name: 'rows of writers that ended are not missed',
    promises: '[TAG-1]',
    rules: ['fork'],
    first: 51,
    mistakes: { forgetsEndedWriters: true },
  },
  {
    name: 'rows of others are not missed',
    promises: '[TAG-1]',
    rules: ['fork'],
    first: 261,
    mistakes: { forgetsReadRows: true },
  },
  {
    name: 'an acknowledged place is not named before anything has come',
    promises: '[TAG-1] [CLIENT-2]',
    rules: ['rest', 'fork', 'outbox'],
    first: 61,
    mutations: [
      {
        file: 'client/src/conversation-cursor.ts',
        from: 'if (this.#position === undefined && this.#acked.length === 0) return undefined;',
        to: 'if (this.#position === undefined) return undefined;',
      },
    ],
  },
  {
    name: 'the place before the first entry is taken for one',
    promises: '[CLIENT-2]',
    rules: ['rest', 'once', 'outbox'],
    mutations: [
      {
        file: 'client/src/conversation-cursor.ts',
        from: 'position?.seq === 0 ? undefined : position;',
        to: 'position;',
      },
    ],
  },
];

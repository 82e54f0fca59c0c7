import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * What does harm when a terminal sees it: the clipboard (OSC 52), a link (OSC 8), a title, a device string (DCS), an
 * application string (APC), clearing the screen, the C1 forms, bidi overrides and isolates, marks in a pile, what is
 * invisible, and line ends of all kinds with a line behind them that pretends to be ours.
 */
export const NASTY = [
  '\x1B]52;c;cHduZWQ=\x07',
  '\x1B]8;;http://evil.example\x1B\\x\x1B]8;;\x1B\\',
  '\x1B]0;t\x07\x1BP$q"p\x1B\\\x1B_G\x1B\\\x1B[2J\x1B[10A',
  '\u009B31m\u009D0;x\u009C\u0085\x7F\0\x08\x0B\x0C',
  '\u202Egnp\u2066x\u2069\u200F\u061C\u200B\uFEFF\u2060\u{E0041}',
  `e${'\u0301'.repeat(20)}\uD800`,
  '\rforged: line\nforged: line\r\nforged: line\u2028forged: line\u2029forged: line',
].join('');

interface Request {
  readonly id: number;
  readonly op: string;
  readonly name?: string;
}

const USER = { id: 2, name: NASTY };
const ENTRY = { conversation: 'g7', tag: 5, from: USER, clientId: NASTY, time: 1, target: USER, role: NASTY };
const KINDS = ['create', 'join', 'leave', 'kick', 'role', NASTY, 'message', 'message'];
const ENTRIES = KINDS.map((kind, index) => ({ ...ENTRY, kind, seq: index + 1, ord: index + 1, text: NASTY }));
const END = { seq: KINDS.length, ord: KINDS.length, readSeq: 0, readOrd: 0, deliveredSeq: 0 };
const APPENDED = { conversation: 'g7', seq: 9, ord: 9, tag: 5, time: 1, name: NASTY };
const PERSON = { user: USER, added: false, addedMe: true, blocked: false, online: false, lastSeenAt: 1, role: NASTY };

/** What each request is answered with, lists as if they had no end; whatever is not here is refused, in words that do harm. */
const REPLIES: Readonly<Record<string, object>> = {
  hello: { server: NASTY, release: NASTY, version: 1, capabilities: [], limits: {} },
  register: { user: { id: 1, name: 'alice' }, device: 1, token: 'token' },
  resume: { user: { id: 1, name: NASTY }, device: 1 },
  ping: {},
  sync: {},
  read: {},
  addFriend: {},
  whois: { user: USER },
  send: APPENDED,
  createGroup: APPENDED,
  join: APPENDED,
  history: { entries: ENTRIES, more: true },
  friends: { contacts: [PERSON], more: true },
  members: { members: [PERSON], more: true },
  devices: { devices: [{ id: 1, name: NASTY, createdAt: 1, lastSeenAt: 1, current: true }] },
};

const EVENTS: readonly object[] = [
  {
    ev: 'state',
    rev: 1,
    tag: 1,
    full: true,
    rows: [
      { row: 'conversation', conversation: 'g7', name: NASTY, description: NASTY, role: NASTY, ...END },
      { row: 'conversation', conversation: 'd1-2', name: NASTY, peer: USER, role: 'member', ...END },
      { row: 'contact', ...PERSON },
    ],
  },
  { ev: 'gap', conversation: 'g7', from: 1, to: 1, tag: 5, reason: NASTY },
  ...ENTRIES.slice(1).map((entry) => ({ ev: 'entry', ...entry })),
  { ev: 'synced' },
  { ev: 'entry', ...ENTRY, kind: 'message', text: NASTY, seq: END.seq + 1, ord: END.ord + 1 },
];

/** A server that speaks our wire and puts harm into every string that it sends. Answers HOST:PORT. */
export async function startHostileServer(t: TestContext): Promise<string> {
  const server = createServer((socket) => {
    let rest = '';
    socket.on('error', () => {});
    const write = (frame: object): boolean => socket.write(`${JSON.stringify(frame)}\n`);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { id: re, op } = JSON.parse(line) as Request;
        if (Object.hasOwn(REPLIES, op)) write({ re, ok: REPLIES[op] });
        else write({ re, err: { code: 'not_member', message: NASTY, hint: NASTY } });
        if (op === 'sync') EVENTS.forEach(write);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

import { type EventFrame, parseFrame, type ReplyFrame, type WireEntry, type WireError } from '@parley/protocol';

/** What a frame from the server is. `other`: an event, or a shape, that this release does not know: ignored. */
export type ServerFrame =
  | { readonly kind: 'reply'; readonly reply: ReplyFrame }
  | { readonly kind: 'event'; readonly event: EventFrame }
  | { readonly kind: 'other' }
  /** No JSON object at all: whoever is at the other end does not speak Parley. */
  | { readonly kind: 'alien'; readonly reason: string };

type Fields = Record<string, unknown>;

const OTHER: ServerFrame = { kind: 'other' };

/**
 * Parses one frame. Checks by hand what the client's own state hangs on (numbers of entries and gaps, the rows' ids),
 * because the schemas cost more to load than a whole `parley send` takes; unknown fields stay where they are.
 */
export function parseServerFrame(text: string): ServerFrame {
  const frame = parseFrame(text);
  if (!frame.ok) return { kind: 'alien', reason: frame.reason };
  const { value } = frame;
  if ('re' in value) return isReply(value) ? { kind: 'reply', reply: value as unknown as ReplyFrame } : OTHER;
  const isKnown = typeof value['ev'] === 'string' && Object.hasOwn(EVENTS, value['ev']);
  if (!isKnown || !EVENTS[value['ev'] as EventFrame['ev']](value)) return OTHER;
  return { kind: 'event', event: value as unknown as EventFrame };
}

const EVENTS: Readonly<Record<EventFrame['ev'], (event: Fields) => boolean>> = {
  entry: isEntry,
  gap: (event) =>
    isText(event['conversation']) &&
    isCount(event['from']) &&
    isCount(event['to']) &&
    isCount(event['tag']) &&
    isText(event['reason']),
  state: (event) =>
    isCount(event['rev']) && isCount(event['tag']) && Array.isArray(event['rows']) && event['rows'].every(isRow),
  synced: () => true,
  presence: (event) => isUser(event['user']) && typeof event['online'] === 'boolean',
  goaway: (event) => isText(event['reason']) && isCount(event['afterMs']),
  close: (event) => isText(event['reason']) && typeof event['reconnect'] === 'boolean' && isText(event['message']),
};

/** Whether a value is an entry of a log, as it comes in events and in pages of history. */
export function isEntry(value: unknown): value is WireEntry {
  return (
    isObject(value) &&
    isText(value['conversation']) &&
    isCount(value['seq']) &&
    isCount(value['ord']) &&
    isCount(value['tag']) &&
    isText(value['kind']) &&
    isUser(value['from']) &&
    isCount(value['time'])
  );
}

function isReply(value: Fields): boolean {
  const { re } = value;
  if (typeof re !== 'number' && re !== null) return false;
  return isObject(value['ok']) ? re !== null : isWireError(value['err']);
}

function isWireError(value: unknown): value is WireError {
  return isObject(value) && isText(value['code']) && isText(value['message']);
}

/** Rows of kinds that this release does not know pass: whoever reads rows looks at `row` first. */
function isRow(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value['row'] === 'contact') return isUser(value['user']);
  if (value['row'] !== 'conversation') return true;
  const counts = ['seq', 'ord', 'readSeq', 'readOrd', 'deliveredSeq'];
  return isText(value['conversation']) && isText(value['name']) && counts.every((name) => isCount(value[name]));
}

function isUser(value: unknown): boolean {
  return isObject(value) && isCount(value['id']) && isText(value['name']);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

import type {
  AskedRecord,
  CallRecord,
  FaultRecord,
  FinalRecord,
  HeadRecord,
  HistoryRecord,
  OpenRecord,
  PageRecord,
  PositionRecord,
  RowRecord,
  RunRecord,
} from '../history/record.ts';
import { Deliveries, type DeliveryKind } from './deliveries.ts';

/** A record and where it stands in the file. */
export type Placed<T> = T & { readonly line: number };

/** One session, from its log-in to its end. */
export interface Session extends Placed<OpenRecord> {
  /** When it was told that it has everything; undefined: never. */
  syncedAt?: number;
  shutAt?: number;
  why?: string;
}

/** A whole history in memory. */
export class History {
  run: RunRecord | undefined;
  /** The run was carried through to its last line. */
  isWhole = false;
  readonly calls: Placed<CallRecord>[] = [];
  readonly sessions = new Map<number, Session>();
  readonly deliveries = new Deliveries();
  readonly positions: Placed<PositionRecord>[] = [];
  readonly faults: Placed<FaultRecord>[] = [];
  readonly finals: Placed<FinalRecord>[] = [];
  /** The database's log of each conversation, as it was read. */
  readonly logs = new Map<string, Placed<RowRecord>[]>();
  readonly heads: Placed<HeadRecord>[] = [];
  readonly pages: Placed<PageRecord>[] = [];
  readonly asked: Placed<AskedRecord>[] = [];
  readonly problems: string[] = [];
  /** Names of conversations by the number that deliveries have. */
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  add(record: HistoryRecord, line: number): void {
    switch (record.k) {
      case 'run':
        this.run = record;
        break;
      case 'open':
        this.sessions.set(record.s, { ...record, line });
        break;
      case 'synced':
        this.#change(record.s, (session) => (session.syncedAt = record.t));
        break;
      case 'shut':
        this.#change(record.s, (session) => Object.assign(session, { shutAt: record.t, why: record.why }));
        break;
      case 'e':
      case 'gap':
        this.#addDelivery(record, line);
        break;
      case 'row':
        this.#addRow({ ...record, line });
        break;
      case 'problem':
        this.problems.push(record.what);
        break;
      case 'end':
        this.isWhole = true;
        break;
      default:
        this.#addToList(record, line);
    }
  }

  /** The conversation's name as deliveries write it. */
  nameOf(conversation: number): string {
    return this.names[conversation] ?? '';
  }

  #change(session: number, change: (session: Session) => void): void {
    const found = this.sessions.get(session);
    if (found) change(found);
  }

  #addDelivery(record: Extract<HistoryRecord, { k: 'e' | 'gap' }>, line: number): void {
    const common = { session: record.s, conversation: this.#numberOf(record.c), tag: record.g, line };
    if (record.k === 'e') {
      this.deliveries.add({ ...common, seq: record.q, to: record.q, digest: record.h, kind: 'entry' });
    } else {
      const kind = (['paged', 'not_member', 'reset'] as const).find((reason) => reason === record.why);
      this.deliveries.add({ ...common, seq: record.from, to: record.to, digest: 0, kind: kind ?? GAP_UNKNOWN });
    }
  }

  #numberOf(conversation: string): number {
    const known = this.#numbers.get(conversation);
    if (known !== undefined) return known;
    this.#numbers.set(conversation, this.names.length);
    return this.names.push(conversation) - 1;
  }

  #addRow(row: Placed<RowRecord>): void {
    const log = this.logs.get(row.c);
    if (log) log.push(row);
    else this.logs.set(row.c, [row]);
  }

  #addToList(
    record: Exclude<HistoryRecord, { k: 'run' | 'open' | 'synced' | 'shut' | 'e' | 'gap' | 'row' | 'problem' | 'end' }>,
    line: number,
  ): void {
    if (record.k === 'call') this.calls.push({ ...record, line });
    else if (record.k === 'pos') this.positions.push({ ...record, line });
    else if (record.k === 'fault') this.faults.push({ ...record, line });
    else if (record.k === 'final') this.finals.push({ ...record, line });
    else if (record.k === 'head') this.heads.push({ ...record, line });
    else if (record.k === 'page') this.pages.push({ ...record, line });
    else if (record.k === 'asked') this.asked.push({ ...record, line });
  }
}

const GAP_UNKNOWN: DeliveryKind = 'other';

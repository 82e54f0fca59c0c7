import { RawPeer } from './embedded-node.ts';

/** Something that was sent, until and after it was acknowledged. */
export interface Sent {
  readonly to: string;
  readonly text: string;
  readonly clientId: string;
  readonly after: string | undefined;
  ackedSeq: number | undefined;
  /** It was cancelled and shall never be stored. */
  isCancelled: boolean;
  /** The code of the last refusal. */
  refusal: string | undefined;
}

/** What came, as far as order and uniqueness are concerned. */
export interface Received {
  readonly conversation: string;
  readonly seq: number;
  readonly tag: number;
  readonly clientId: string;
  readonly kind: string;
}

type Frame = Readonly<Record<string, unknown>>;

/**
 * One device over many connections: it keeps its cursors and what it sent, syncs from the cursors when it comes
 * back, and sends again under the same client ids what was not acknowledged.
 */
export class Device {
  readonly name: string;
  readonly token: string;
  readonly sent: Sent[] = [];
  readonly received: Received[] = [];
  /** Gaps that were told, by reason. */
  readonly gaps: string[] = [];
  /** How its connections were ended: `goaway`, and the reasons of `close`. */
  readonly farewells: string[] = [];
  readonly #cursors = new Map<string, { seq: number; tag: number }>();
  readonly #byRequest = new Map<number, Sent>();
  #peer: RawPeer | undefined;
  #lastId = 1_000;
  #taken = 0;

  constructor(name: string, token: string) {
    this.name = name;
    this.token = token;
  }

  get acked(): number {
    return this.sent.filter(({ ackedSeq }) => ackedSeq !== undefined).length;
  }

  /** Everything that is neither acknowledged nor cancelled. */
  get unsettled(): Sent[] {
    return this.sent.filter(({ ackedSeq, isCancelled }) => ackedSeq === undefined && !isCancelled);
  }

  /** Comes (back), and sends again what is not settled. */
  async online(port: number): Promise<void> {
    await this.resume(port);
    this.resend(this.unsettled);
  }

  /** Comes (back) and syncs from its cursors, without sending anything again yet. */
  async resume(port: number): Promise<void> {
    const peer = await RawPeer.connect(port);
    this.#peer = peer;
    this.#taken = 0;
    this.#byRequest.clear();
    await peer.get('resume', { token: this.token });
    const cursors = Array.from(this.#cursors, ([conversation, cursor]) => ({ conversation, ...cursor }));
    await peer.get('sync', { cursors, default: { mode: 'full' } });
  }

  /** Sends again under the same client ids. */
  resend(sent: readonly Sent[]): void {
    for (const each of sent) this.#write(each);
  }

  /**
   * Asks what became of one, and notes a commit as an acknowledgement.
   * @returns `committed`, `cancelled`, `pending` or `unknown`
   */
  askOutcome(sent: Sent): Promise<string> {
    return this.#settle('outcome', sent);
  }

  /** Takes one back; when it was committed before, that is noted. */
  cancel(sent: Sent): Promise<string> {
    return this.#settle('cancel', sent);
  }

  /** Sends without waiting; `after` names the one before to the same conversation. */
  send(to: string, text: string): void {
    const clientId = `${this.name}-${this.sent.length + 1}`;
    const after = this.sent.findLast((sent) => sent.to === to)?.clientId;
    const sent: Sent = { to, text, clientId, after, ackedSeq: undefined, isCancelled: false, refusal: undefined };
    this.sent.push(sent);
    this.#write(sent);
  }

  /** Takes in what has come; waits until `isEnough`, or until the connection is gone. */
  async take(isEnough: (device: Device) => boolean): Promise<void> {
    const peer = this.#peer;
    if (peer === undefined) return;
    this.#takeNew(peer);
    while (!isEnough(this) && !peer.isClosed) {
      const known = peer.frames.length;
      await peer
        .until(() => peer.frames.length > known, `more for ${this.name}`)
        .catch((error: unknown) => {
          if (!peer.isClosed) throw error;
        });
      this.#takeNew(peer);
    }
  }

  /** Reads nothing from now on; what comes stays in the system's buffers. */
  stopReading(): void {
    this.#peer?.socket.pause();
  }

  /** The connection has ended. */
  get isClosed(): boolean {
    return this.#peer?.isClosed ?? true;
  }

  /** Breaks the connection off. */
  offline(): void {
    if (this.#peer !== undefined) this.#takeNew(this.#peer);
    this.#peer?.close();
    this.#peer = undefined;
  }

  async #settle(op: 'outcome' | 'cancel', sent: Sent): Promise<string> {
    const peer = this.#peer;
    if (peer === undefined) throw new Error(`${this.name} is not online`);
    const { state, seq } = await peer.get(op, { to: sent.to, clientId: sent.clientId });
    if (state === 'committed') sent.ackedSeq = Number(seq);
    if (state === 'cancelled') sent.isCancelled = true;
    return String(state);
  }

  #write(sent: Sent): void {
    this.#lastId += 1;
    this.#byRequest.set(this.#lastId, sent);
    const { to, text, clientId, after } = sent;
    const request = { id: this.#lastId, op: 'send', to, text, clientId, ...(after !== undefined && { after }) };
    this.#peer?.write(`${JSON.stringify(request)}\n`);
  }

  #takeNew(peer: RawPeer): void {
    for (; this.#taken < peer.frames.length; this.#taken += 1) this.#takeFrame(peer.frames[this.#taken] as Frame);
  }

  #takeFrame(frame: Frame): void {
    if (frame['ev'] === 'entry') {
      const { conversation, seq, tag, clientId, kind } = frame as unknown as Received;
      this.received.push({ conversation, seq, tag, clientId, kind });
      this.#cursors.set(conversation, { seq, tag });
    } else if (frame['ev'] === 'gap') {
      this.gaps.push(`${String(frame['reason'])} ${String(frame['conversation'])}`);
      if (frame['reason'] === 'reset') this.#cursors.delete(String(frame['conversation']));
    } else if (frame['ev'] === 'goaway' || frame['ev'] === 'close') {
      this.farewells.push(`${frame['ev']} ${String(frame['reason'])}`);
    } else if (typeof frame['re'] === 'number') {
      const sent = this.#byRequest.get(frame['re']);
      const ok = frame['ok'] as { seq?: number } | undefined;
      if (sent !== undefined && ok?.seq !== undefined) sent.ackedSeq = ok.seq;
      if (sent !== undefined) sent.refusal = (frame['err'] as { code: string } | undefined)?.code;
    }
  }
}

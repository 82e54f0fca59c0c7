import { clientIdMaker } from '../../load/client-ids.ts';
import { concurrently } from '../../load/concurrently.ts';
import { LatencyHistogram } from '../../load/latency-histogram.ts';
import { NativeSession } from '../../load/native-session.ts';

/** How long the last member may wait for a message, in milliseconds. */
const PATIENCE_MS = 20_000;

export interface AudiencePlan {
  /** Members take these in turn. */
  readonly ports: readonly number[];
  /** Address of the group, `g1`. */
  readonly group: string;
  /** Users 1 to n are its members; user 1 speaks. */
  readonly members: number;
  readonly tokenOf: (user: number) => string;
}

const nextClientId = clientIdMaker();

/** All members of one group, each on a session: one says something, and the time until the last has it is taken. */
export class Audience {
  readonly #group: string;
  readonly #sessions: readonly NativeSession[];
  #spoken = 0;
  #text = '';
  #clientId = '';
  /** What each member has heard last. */
  readonly #heard: Uint32Array;
  #missing = 0;
  #allHeard: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(group: string, sessions: readonly NativeSession[]) {
    this.#group = group;
    this.#sessions = sessions;
    this.#heard = new Uint32Array(sessions.length);
    for (const [member, { link }] of sessions.entries()) {
      link.onFrame = (frame) => this.#onFrame(member, frame);
      link.onClosed = () => this.#failed(new Error(`the connection of member ${member + 1} was closed`));
    }
  }

  static async open({ ports, group, members, tokenOf }: AudiencePlan): Promise<Audience> {
    const sessions = await concurrently(members, 50, async (number) => {
      const session = await NativeSession.connect(ports[number % ports.length] as number);
      await session.request('resume', { token: tokenOf(number + 1) });
      await session.syncFromNow();
      return session;
    });
    return new Audience(group, sessions);
  }

  /** Speaks again and again for that long, each time after the last member has heard. Microseconds. */
  async speakFor(ms: number): Promise<LatencyHistogram> {
    const latencies = new LatencyHistogram();
    const begin = performance.now();
    while (performance.now() - begin < ms) latencies.record(await this.#speak());
    return latencies;
  }

  close(): void {
    for (const { link } of this.#sessions) {
      link.onClosed = () => {};
      link.end();
    }
  }

  async #speak(): Promise<number> {
    const all = new Promise<void>((resolve, reject) => {
      this.#allHeard = resolve;
      this.#failed = reject;
    });
    const impatience = setTimeout(() => this.#failed(new Error(`${this.#missing} members did not hear`)), PATIENCE_MS);
    const [speaker] = this.#sessions as [NativeSession];
    this.#spoken += 1;
    this.#missing = this.#sessions.length;
    this.#text = `^${this.#spoken} `.padEnd(100, 'x');
    const after = this.#clientId === '' ? '' : `"after":"${this.#clientId}",`;
    this.#clientId = nextClientId();
    const begin = performance.now();
    speaker.link.write(
      `{"id":${speaker.nextId()},"op":"send","to":"${this.#group}","clientId":"${this.#clientId}",${after}"text":"${this.#text}"}`,
    );
    try {
      await all;
    } finally {
      clearTimeout(impatience);
    }
    return (performance.now() - begin) * 1_000;
  }

  #onFrame(member: number, frame: string): void {
    if (frame.startsWith('{"re":')) {
      if (!frame.includes('"ok":')) this.#failed(new Error(`refused: ${frame}`));
      return;
    }
    if (!frame.includes(this.#text) || this.#heard[member] === this.#spoken) {
      this.#failed(
        new Error(`member ${member + 1} got what had to come neither now nor twice: ${frame.slice(0, 300)}`),
      );
      return;
    }
    this.#heard[member] = this.#spoken;
    this.#missing -= 1;
    if (this.#missing === 0) this.#allHeard();
  }
}

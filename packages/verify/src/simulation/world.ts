import type { UserId } from '@parley/protocol';
import type { Conversation, DeviceId } from '@parley/server/ports';
import { SimDatabase } from './database.ts';
import type { DeviceWants } from './device-wants.ts';
import { SimNetwork } from './network.ts';
import { Recorder } from './recorder.ts';
import type { ServerSession } from './server-session.ts';
import { SimTime } from './sim-clock.ts';
import { SimDevice } from './sim-device.ts';
import { SimNode } from './sim-node.ts';
import type { StoreMistakes } from './sim-store.ts';
import { type FaultBudget, type SimFault, type Step } from './step.ts';
import { copyTables, createDirect, createGroup, createTables, type Tables } from './tables.ts';
import { turn } from './turn.ts';

/** What a world consists of. */
export interface WorldOptions {
  readonly nodes: number;
  /** Number of devices of user 1, 2, 3 … */
  readonly devices: readonly number[];
  /** Their members, the owner first. */
  readonly groups: readonly (readonly number[])[];
  readonly pairs: readonly (readonly [number, number])[];
  readonly faults: FaultBudget;
  readonly mistakes: StoreMistakes;
  /** What the devices want, in their order; who is not named wants everything. */
  readonly wants?: readonly DeviceWants[] | undefined;
  /** Devices log in with tokens, and may be revoked. */
  readonly hasTokens?: boolean | undefined;
  /** What is wrong with the bus stays so to the end. */
  readonly keepsOutage?: boolean | undefined;
}

/** Nodes with the real delivery, devices with the real outbox, and between them everything simulated. Moves step by step. */
export class World {
  readonly faults: FaultBudget;
  readonly time = new SimTime();
  readonly recorder = new Recorder(() => this.time.nowMs);
  readonly database: SimDatabase;
  readonly network: SimNetwork;
  readonly devices: SimDevice[] = [];
  readonly nodes: SimNode[] = [];
  readonly #options: WorldOptions;
  readonly #lives: number[] = [];
  #backup: Tables | undefined;
  #isRestored = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.faults = options.faults;
    const users = options.devices.map((_count, index) => (index + 1) as UserId);
    const tables = createTables(users);
    for (const members of options.groups) createGroup(tables, members as UserId[]);
    for (const [low, high] of options.pairs) createDirect(tables, [low as UserId, high as UserId]);
    this.database = new SimDatabase(tables, options.faults, () => this.time.nowMs);
    this.network = new SimNetwork(options.faults);
    this.#recordFounding(tables);
    const hasTokens = options.hasTokens === true;
    const around = {
      recorder: this.recorder,
      tables: () => this.database.tables,
      now: () => this.time.nowMs,
      hasTokens,
    };
    options.devices.forEach((count, index) => {
      for (let number = 1; number <= count; number += 1) {
        const wants = options.wants?.[this.devices.length];
        this.devices.push(new SimDevice((index + 1) as UserId, number, { ...around, wants }));
      }
    });
    for (let number = 1; number <= options.nodes; number += 1) this.#startNode(number);
  }

  get conversations(): Conversation[] {
    return [...this.database.tables.logs.values()].map(({ conversation }) => conversation);
  }

  get hasBackup(): boolean {
    return this.#backup !== undefined;
  }

  /** Nodes that take connections. */
  get ready(): SimNode[] {
    return this.nodes.filter(({ isReady, isRunning }) => isReady && isRunning);
  }

  /** What can happen by itself: statements, answers, hints, timers, frames. */
  steps(): Step[] {
    const steps = [...this.database.steps(), ...this.network.steps()];
    for (const node of this.nodes) steps.push(...node.steps(), ...this.#framesOf(node));
    for (const device of this.devices) {
      const { session } = device;
      if (session === undefined || session.down.length === 0) continue;
      const [content] = session.down;
      const label = `${device.name} < ${content?.ev}`;
      steps.push({ kind: 'down', label, at: device.name, content, frame: content, run: () => device.receive() });
    }
    return steps;
  }

  /** What may be done to nodes, and what undoes it. */
  nodeFaults(): Step[] {
    return this.nodes.flatMap((node, index): Step[] => {
      const { name } = node;
      if (node.isFrozen) return [{ kind: 'heal', label: `thaw ${name}`, at: name, run: () => node.thaw() }];
      if (!node.isRunning) return [{ kind: 'heal', label: `start ${name}`, run: () => this.#startNode(index + 1) }];
      return [
        ...this.#fault('crash', { label: `crash ${name}`, at: name, run: () => node.crash() }),
        ...this.#fault('freeze', { label: `freeze ${name}`, at: name, run: () => node.freeze() }),
      ];
    });
  }

  /** What may be done to devices. */
  deviceFaults(): Step[] {
    return this.devices.flatMap((device): Step[] => {
      if (device.session === undefined) return [];
      const { name } = device;
      return [
        ...this.#fault('cut', { label: `cut ${name}`, at: name, run: () => device.disconnect(false) }),
        ...this.#fault('cut', {
          label: `cut ${name}, its frames are lost`,
          at: name,
          run: () => device.disconnect(true),
        }),
        ...this.#fault('restart', { label: `restart ${name}`, at: name, run: () => device.restart() }),
      ];
    });
  }

  /** A copy may be made at any time, and take over at any later one. */
  storeFaults(): Step[] {
    if (this.#backup === undefined) return [];
    return this.#fault('restore', { label: 'an older copy takes over', run: () => this.#restore() });
  }

  /** The bus is lost, missed, and comes back. */
  busFaults(): Step[] {
    return this.network.outages();
  }

  backUp(): void {
    this.#backup = copyTables(this.database.tables);
  }

  passTime(ms: number): void {
    this.time.nowMs += ms;
    this.database.tick();
    for (const device of this.devices) device.tick();
  }

  /** Until something is due by time alone, in milliseconds. */
  get nextMs(): number {
    const due = this.nodes.filter(({ isRunning }) => isRunning).map(({ clock }) => clock.nextMs);
    return Math.min(250, Math.max(1, Math.min(...due) - this.time.nowMs));
  }

  /**
   * Heals everything, waits until nothing moves, and judges. `pick` chooses among what can happen.
   * @returns a line for each violation, beginning with the rule
   */
  async finish(pick: (steps: readonly Step[]) => Step): Promise<string[]> {
    this.faults.end();
    const complaints: string[] = [];
    for (const step of this.nodeFaults()) step.run();
    if (this.#options.keepsOutage !== true) this.network.heal();
    let isAtRest = await this.#comeToRest(pick);
    if (this.#isRestored) complaints.push(...(await this.#judgeRestored(pick)));
    if (this.#comeBack()) isAtRest = await this.#comeToRest(pick);
    if (!isAtRest) complaints.push('rest: it does not come to rest');
    for (const device of this.#staying) {
      if (device.unsettled > 0)
        complaints.push(`outbox: ${device.name} does not know what became of ${device.unsettled}`);
      if (device.hasHoles) complaints.push(`page: ${device.name} could not page what it was not sent`);
      complaints.push(...stateComplaint(device));
      this.recorder.final(device.user, device.id);
    }
    const { revoked } = this.database.tables;
    const living = this.devices.filter(({ id, session }) => revoked.has(id as DeviceId) && session !== undefined);
    complaints.push(...living.map(({ name }) => `revoked: ${name} is still there`));
    complaints.push(...this.#sessionComplaints, ...(await this.#leaks(pick)));
    const violations = this.recorder.judge(this.database.tables);
    return [...complaints, ...violations.map(({ rule, what }) => `${rule}: ${what}`)];
  }

  readonly #sessionComplaints: string[] = [];

  /** Devices that nobody revoked. */
  get #staying(): SimDevice[] {
    const { revoked } = this.database.tables;
    return this.devices.filter(({ id, isOver }) => !isOver && !revoked.has(id as DeviceId));
  }

  #framesOf(node: SimNode): Step[] {
    if (!node.isRunning) return [];
    return [...node.sessions].flatMap((session): Step[] => {
      const [frame] = session.up;
      if (frame === undefined || session.isLoggingIn) return [];
      const what = 'content' in frame ? `${frame.content.kind} ${frame.content.clientId}` : frame.op;
      const run = () => {
        session.receive();
        if (session.isEnded) this.#sessionComplaints.push(...session.complaints.splice(0));
      };
      const label = `${node.name} < d${session.device} ${what}`;
      return [{ kind: 'up', label, at: node.name, content: bare(frame), frame, run }];
    });
  }

  #fault(fault: SimFault, { run, ...step }: Pick<Step, 'label' | 'run' | 'at'>): Step[] {
    if (!this.faults.may(fault)) return [];
    const take = () => {
      this.faults.take(fault);
      run();
    };
    return [{ kind: 'fault', ...step, run: take }];
  }

  #startNode(number: number): void {
    const life = (this.#lives[number] ?? 0) + 1;
    this.#lives[number] = life;
    const { database, network, time } = this;
    const { mistakes } = this.#options;
    this.nodes[number - 1] = new SimNode(number, life, { database, network, time, mistakes });
  }

  #restore(): void {
    if (this.#backup === undefined) return;
    this.#isRestored = true;
    this.recorder.restored(this.database.tables, this.#backup);
    this.database.restore(this.#backup);
    for (const node of this.nodes) node.isOld = true;
    const { journal } = this.#backup;
    const knowing = this.nodes.filter((node) => node.journal.knowsMoreThan(journal));
    this.#outliving = new Set(knowing.flatMap(({ sessions }) => [...sessions].filter(({ hasBegun }) => hasBegun)));
  }

  /** Sessions of before, on nodes that had written or read in the journal what the copy does not have. */
  #outliving: ReadonlySet<ServerSession> = new Set();

  /**
   * Who knows more than an older copy learns it from the journal, and what the journal does not tell, from the next entry
   * and the next change of private state. Nodes that ran before start anew then: sessions on them were not judged.
   */
  async #judgeRestored(pick: (steps: readonly Step[]) => Step): Promise<string[]> {
    const outliving = [...this.#outliving].filter(({ isEnded, isDeaf }) => !isEnded && !isDeaf);
    const strayed = outliving.map(({ number, node }) => `fork: ${node.name} goes on with session ${number}`);
    this.#sayLast();
    this.#changeLast();
    await this.#comeToRest(pick);
    for (const device of this.#staying) {
      strayed.push(
        ...device.strayed.map((place) => `fork: ${device.name} stands at ${place}`),
        ...stateComplaint(device),
      );
    }
    for (const node of this.nodes) node.crash();
    for (const step of this.nodeFaults()) step.run();
    await this.#comeToRest(pick);
    return strayed;
  }

  /**
   * A device that holds nothing of a conversation is told nothing of it when its user has left. So that something can
   * be asked of it, he joins again. Whether anybody had to.
   */
  #comeBack(): boolean {
    let isAny = false;
    for (const { conversation, members } of this.database.tables.logs.values()) {
      for (const [user, { stays }] of members) {
        const devices = this.#staying.filter((device) => device.user === user);
        if (stays.at(-1)?.to === null || devices.every((device) => device.holds(conversation))) continue;
        devices[0]?.change(conversation, 'join', null);
        isAny = true;
      }
    }
    return isAny;
  }

  #sayLast(): void {
    for (const { conversation, members } of this.database.tables.logs.values()) {
      const isPresent = ({ user }: SimDevice) => members.get(user)?.stays.at(-1)?.to === null;
      this.#staying.find(isPresent)?.say(conversation, `last of ${conversation.address}`);
    }
  }

  /** Everybody's private state changes. */
  #changeLast(): void {
    for (const [user, devices] of Map.groupBy(this.#staying, ({ user }) => user)) {
      const peer = (user === 1 ? 2 : 1) as UserId;
      const holds = this.database.tables.blocks.get(`${user} ${peer}`)?.holds === true;
      devices[0]?.block(peer, !holds);
    }
  }

  /** Nothing moves any more but what time moves, for a while. */
  async #comeToRest(pick: (steps: readonly Step[]) => Step): Promise<boolean> {
    const quietMs = 2_500;
    let sinceMs = this.time.nowMs;
    for (let count = 0; count < 20_000; count += 1) {
      await turn();
      this.#reconnect();
      for (const device of this.#staying) device.page();
      const steps = this.steps();
      if (steps.length > 0) pick(steps).run();
      else {
        const isBusy = this.#staying.some(
          ({ unsettled, session, hasHoles }) => unsettled > 0 || session === undefined || hasHoles,
        );
        if (isBusy && this.time.nowMs - sinceMs < 60_000) sinceMs = Math.max(sinceMs, this.time.nowMs - 59_000);
        if (this.time.nowMs - sinceMs >= (isBusy ? 60_000 : quietMs)) return true;
        this.passTime(this.nextMs);
      }
    }
    return false;
  }

  #reconnect(): void {
    const [first, ...others] = this.ready;
    if (first === undefined) return;
    for (const device of this.devices) {
      if (device.session !== undefined || device.isOver || device.comesBackAtMs > this.time.nowMs) continue;
      device.connect([first, ...others][device.id % (others.length + 1)] ?? first, 1_000);
    }
  }

  /** After all sessions ended no node may listen to anything. */
  async #leaks(pick: (steps: readonly Step[]) => Step): Promise<string[]> {
    for (const { session } of this.devices) if (session) this.#sessionComplaints.push(...session.complaints);
    for (const device of this.devices) device.disconnect(false);
    for (let count = 0; count < 1_000; count += 1) {
      await turn();
      const steps = this.steps();
      if (steps.length === 0) break;
      pick(steps).run();
    }
    const left = this.nodes.filter(({ delivery }) => delivery.feedCount > 0);
    return left.map(({ name, delivery }) => `feeds: ${name} still has ${delivery.feedCount}`);
  }

  /** The entries that were there from the beginning had callers too. */
  #recordFounding(tables: Tables): void {
    for (const { conversation, entries } of tables.logs.values()) {
      for (const { author, clientId, kind, seq, ord, tag } of entries) {
        const op = kind === 'create' ? 'create' : 'join';
        const call = this.recorder.invoke({ s: 0, u: author, op, c: conversation.address, i: clientId });
        this.recorder.answered(call, { q: seq, o: ord, g: tag });
      }
    }
  }
}

function stateComplaint(device: SimDevice): string[] {
  return device.hasState ? [] : [`state: ${device.name} holds an old private state`];
}

/** Without the recorder's own note. */
function bare(frame: object): object {
  return { ...frame, call: undefined, login: undefined };
}

import { parseFrame } from '@parley/protocol';
import { ClassicSession } from './classic/classic-session.ts';
import type { Link, LinkListener, OpenSession } from './link.ts';
import { NativeSession } from './native/native-session.ts';
import type { SessionDeps } from './session-deps.ts';
import { type RegisteredSession, SessionRegistry } from './session-registry.ts';

/** How often sessions are looked at that wait for a log-in, in milliseconds. */
const TICK_MS = 1_000;

/** The sessions of a node as the server starts and stops them. */
export interface SessionLayer {
  readonly open: OpenSession;
  /** Tells all sessions that the server is about to stop: native ones come back within `afterMs`, at random. */
  goaway(afterMs: number): void;
  /** Ends all connections that are left; native ones are told that the server stops. */
  endAll(): void;
  readonly registry: SessionRegistry;
  close(): void;
}

/** Makes the session layer. */
export function createSessionLayer(parts: Omit<SessionDeps, 'registry' | 'rate'>): SessionLayer {
  const registry = new SessionRegistry(parts.log);
  const { requestsPerSecond, requestBurst } = parts.settings;
  const deps: SessionDeps = { ...parts, registry, rate: { perSecond: requestsPerSecond, burst: requestBurst } };
  let timer = parts.clock.after(TICK_MS, tick);
  function tick(): void {
    const now = parts.clock.monotonic();
    for (const session of registry) session.tick(now);
    timer = parts.clock.after(TICK_MS, tick);
  }
  return {
    open: (link) => new UndecidedSession(link, deps),
    registry,
    goaway(afterMs) {
      for (const session of registry) session.goaway(Math.round(parts.random.fraction() * afterMs));
    },
    endAll() {
      for (const session of registry) session.close('shutdown');
    },
    close: () => timer.cancel(),
  };
}

/**
 * A connection whose dialect is not known yet. The client speaks first, and its first frame decides; from then on
 * everything goes to that dialect's session.
 */
class UndecidedSession implements LinkListener, RegisteredSession {
  readonly #link: Link;
  readonly #deps: SessionDeps;
  readonly #sinceMs: number;
  #session: LinkListener | undefined;

  constructor(link: Link, deps: SessionDeps) {
    this.#link = link;
    this.#deps = deps;
    this.#sinceMs = deps.clock.monotonic();
    deps.registry.add(this);
  }

  onFrame(text: string, terminator: 'lf' | 'nul'): void {
    this.#session ??= this.#decide(isClassic(text));
    this.#session.onFrame(text, terminator);
  }

  onBadFrame(kind: 'badUtf8' | 'tooLong'): void {
    this.#session ??= this.#decide(false);
    this.#session.onBadFrame(kind);
  }

  onDrained(): void {
    this.#session?.onDrained();
  }

  onSilent(): void {
    this.#session?.onSilent();
  }

  onStuck(): void {
    if (this.#session === undefined) this.#link.end();
    else this.#session.onStuck();
  }

  onPeerEnded(): void {
    if (this.#session === undefined) this.#link.end();
    else this.#session.onPeerEnded();
  }

  onClosed(clean: boolean): void {
    this.#deps.registry.delete(this);
    this.#session?.onClosed(clean);
  }

  goaway(): void {}

  close(): void {
    this.#link.end();
  }

  tick(nowMs: number): void {
    if (nowMs - this.#sinceMs > this.#deps.settings.loginTimeoutMs) this.#link.end();
  }

  #decide(speaksClassic: boolean): LinkListener {
    const { registry } = this.#deps;
    registry.delete(this);
    const session = speaksClassic
      ? new ClassicSession(this.#link, this.#deps)
      : new NativeSession(this.#link, this.#deps);
    registry.add(session);
    return session;
  }
}

/** An object with an integer `msgid` and no `op`, whatever ends it. Anything else is native, noise included. */
function isClassic(text: string): boolean {
  const frame = parseFrame(text);
  return frame.ok && Number.isInteger(frame.value['msgid']) && !Object.hasOwn(frame.value, 'op');
}

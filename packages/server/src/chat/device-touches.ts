import type { Clock, DeviceId, Store } from './ports/index.ts';

/** How long a sign of life may wait to be stored, in milliseconds. */
const WAIT_MS = 2_000;
/** Signs of one transaction; more are stored at once. */
const AT_ONCE = 1_000;

/** Notes when devices were last seen, many in one transaction. What a crash loses is a time in a list. */
export class DeviceTouches {
  readonly #store: Pick<Store, 'touchDevices'>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #seen = new Map<DeviceId, number>();
  #isDue = false;

  constructor(deps: { store: Pick<Store, 'touchDevices'>; clock: Clock; onError: (error: unknown) => void }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#onError = deps.onError;
  }

  seen(device: DeviceId): void {
    this.#seen.set(device, this.#clock.now());
    if (this.#seen.size >= AT_ONCE) this.#flush();
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.after(WAIT_MS, () => {
      this.#isDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#seen.size === 0) return;
    const devices = Array.from(this.#seen, ([device, atMs]) => ({ device, atMs }));
    this.#seen = new Map();
    this.#store.touchDevices(devices).catch(this.#onError);
  }
}

type Listener<A extends readonly unknown[]> = (...args: A) => void;

/**
 * Typed listeners, called in the order of registration, before `emit` returns. A listener that throws harms neither
 * the others nor the link: its error becomes an uncaught exception of the program, as with any event handler.
 */
export class Listeners<M extends { readonly [K in keyof M]: readonly unknown[] }> {
  readonly #listeners = new Map<keyof M, Listener<never>[]>();

  /** Registers; the returned function takes it back. */
  on<K extends keyof M>(event: K, listener: Listener<M[K]>): () => void {
    const all = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...all, listener]);
    return () => {
      const rest = (this.#listeners.get(event) ?? []).filter((other) => other !== listener);
      this.#listeners.set(event, rest);
    };
  }

  emit<K extends keyof M>(event: K, ...args: M[K]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as unknown as Listener<M[K]>)(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** Where time and chance come from; tests hand in their own. */
export interface Sources {
  /** Milliseconds on a clock that never jumps back. */
  monotonicMs(): number;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** From 0 up to 1. */
  random(): number;
}

export const systemSources: Sources = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
};

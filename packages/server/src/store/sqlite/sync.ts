/** Some methods of a port as they run inside a thread: the same arguments, the result instead of its promise. */
export type Sync<Port, Names extends keyof Port> = {
  readonly [Name in Names]: Port[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

/** A place where clients connect: a node, or what stands before all. */
export interface Endpoint {
  readonly name: string;
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  readonly port: number;
}

/** A place where clients connect: a node, or what stands before all. */
export interface Endpoint {
  readonly name: string;
  readonly port: number;
}

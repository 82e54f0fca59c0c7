/** Where delivery tells what an operator should know. Never bodies or secrets. */
export interface DeliveryLog {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

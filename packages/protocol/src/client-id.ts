import { LIMITS } from './limits.ts';

/** Whether a client id is allowed. */
export type ClientIdCheck = { readonly ok: true } | { readonly ok: false; readonly code: 'bad_client_id' };

const CLIENT_ID = /^[\x21-\x7e]+$/;

/** 1 to 64 printable ASCII characters without space. Client ids are compared byte for byte. */
export function checkClientId(clientId: string): ClientIdCheck {
  const ok = clientId.length <= LIMITS.clientIdBytes && CLIENT_ID.test(clientId);
  return ok ? { ok: true } : { ok: false, code: 'bad_client_id' };
}

/** Where a client id takes its time and chance from. */
export interface ClientIdSource {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** 10 random bytes. */
  readonly randomBytes: Uint8Array;
}

/**
 * A new client id: a UUID of version 7 (RFC 9562 §5.7), which leads with the time and so keeps the log's index local.
 * Node's own randomUUIDv7 came with 24.16 and we run on 24.15.
 */
export function createClientId(source: ClientIdSource = systemSource()): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(source.nowMs, 0, 6);
  bytes.set(source.randomBytes.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function systemSource(): ClientIdSource {
  return { nowMs: Date.now(), randomBytes: crypto.getRandomValues(new Uint8Array(10)) };
}

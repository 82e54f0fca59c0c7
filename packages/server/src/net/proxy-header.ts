import { isIP, SocketAddress } from 'node:net';

/** What the header said: whose connection this is, and the bytes that came behind it. */
export interface ProxyHeader {
  /** The client's address; undefined: the proxy speaks for itself, or does not know (LOCAL, UNKNOWN). */
  readonly source: string | undefined;
  readonly rest: Buffer;
}

/** The bytes are no PROXY header. */
export class ProxyHeaderError extends Error {
  override readonly name = 'ProxyHeaderError';
}

/** From the PROXY protocol's specification, versions 1 (a line) and 2 (binary). */
const V1_START = Buffer.from('PROXY ');
const V1_MAX_BYTES = 107;
const V2_START = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const V2_FIXED_BYTES = 16;
/** Addresses and extensions; the specification asks for 536 with addresses, and leaves the bound to us. */
const V2_MAX_BYTES = 2_048;

/** Reads the header at the beginning of a connection, however it is cut into pieces. */
export class ProxyHeaderReader {
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * Takes the next bytes; answers when the header is whole. Not to be called after that.
   * @throws ProxyHeaderError as soon as it cannot become one
   */
  push(chunk: Buffer): ProxyHeader | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]); // few and small: see the limits
    if (startsLike(this.#bytes, V1_START)) return readLine(this.#bytes);
    if (startsLike(this.#bytes, V2_START)) return readBinary(this.#bytes);
    throw new ProxyHeaderError('not a PROXY header');
  }
}

/** True as long as it can still become that. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readLine(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.subarray(0, V1_MAX_BYTES).indexOf('\r\n');
  if (end === -1) {
    if (bytes.length >= V1_MAX_BYTES) throw new ProxyHeaderError('the line does not end');
    return undefined;
  }
  return { source: sourceOfLine(bytes.toString('latin1', 0, end)), rest: bytes.subarray(end + 2) };
}

function sourceOfLine(line: string): string | undefined {
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return undefined;
  const [, family, source = '', target = '', ...ports] = line.split(' ');
  const version = family === 'TCP4' ? 4 : 6;
  const isKnown = family === 'TCP4' || family === 'TCP6';
  const areAddresses = isIP(source) === version && isIP(target) === version && !source.includes('%');
  if (isKnown && areAddresses && ports.length === 2 && ports.every(isPort)) return plain(source, version);
  throw new ProxyHeaderError('not a line of the PROXY protocol');
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** As the system would write it, with IPv4 in IPv6 as IPv4: one client has one address, by whatever way it comes. */
function plain(address: string, version: 4 | 6): string {
  const { address: written } = new SocketAddress({ address, family: version === 4 ? 'ipv4' : 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(written)?.[1] ?? written;
}

function readBinary(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length < V2_FIXED_BYTES) return undefined;
  const [versionAndCommand = 0, family = 0] = bytes.subarray(V2_START.length);
  const length = bytes.readUInt16BE(V2_FIXED_BYTES - 2);
  if (versionAndCommand !== 0x20 && versionAndCommand !== 0x21) throw new ProxyHeaderError('not version 2');
  if (length > V2_MAX_BYTES) throw new ProxyHeaderError(`longer than ${V2_MAX_BYTES} bytes`);
  const end = V2_FIXED_BYTES + length;
  if (bytes.length < end) return undefined;
  const isLocal = versionAndCommand === 0x20;
  const source = isLocal ? undefined : binarySource(family, bytes.subarray(V2_FIXED_BYTES, end));
  return { source, rest: bytes.subarray(end) }; // what stands behind the addresses are extensions (TLVs)
}

/** Undefined for what is not TCP: the specification has its receiver use the connection's own address. */
function binarySource(family: number, block: Buffer): string | undefined {
  if (family === 0x11) return plain(withLength(block, 12).subarray(0, 4).join('.'), 4);
  if (family === 0x21) return plain((withLength(block, 36).toString('hex', 0, 16).match(/.{4}/g) ?? []).join(':'), 6);
  return undefined;
}

function withLength(block: Buffer, length: number): Buffer {
  if (block.length < length) throw new ProxyHeaderError('too short for its addresses');
  return block;
}

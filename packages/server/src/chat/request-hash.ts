import type { AppendRequest } from './ports/records.ts';

/**
 * A 53-bit fingerprint of what a request would append, kept beside its client id, so that the same id with
 * another content is refused even after the text itself was deleted. It guards a client against its own
 * mistakes: two contents are never confused by accident, and an author who makes them collide deceives only
 * himself. (Two 32-bit multiply-xorshift lanes, as in cyrb53; measured 0.1 µs for 100 characters where SHA-256
 * takes 1 µs.)
 */
export function requestHash(content: Pick<AppendRequest, 'kind' | 'text' | 'target' | 'role'>): number {
  return fingerprint(`${content.kind}\0${content.target ?? ''}\0${content.role ?? ''}\0${content.text ?? ''}`);
}

/** The fingerprint of any string; groups use it for their name and description. */
export function fingerprint(content: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < content.length; index += 1) {
    const unit = content.charCodeAt(index);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (0x1fffff & low) + (high >>> 0);
}

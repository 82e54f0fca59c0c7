/**
 * The classic dialect: the wire of the ancestor (LiuShuoJiang/Chat-Server), kept so that its clients work unchanged.
 * What its one real client does with our frames was measured on the binary; PROTOCOL.md says it in full.
 */
export * from './classic-frames.ts';
export * from './classic-login.ts';
export * from './classic-requests.ts';
export * from './classic-text.ts';

export { debianPackage, type Found } from './debian-package.ts';
export { type NodeOptions, NodeProcess } from './node-process.ts';
export { freePort } from './probe.ts';
export { findProgram, type Program, type ServerKind } from './programs.ts';
export { ServerProcess } from './server-process.ts';
export { type Flavour, type MysqlOptions, startMysql } from './start-mysql.ts';
export { type Place, startRedis } from './start-redis.ts';

export { debianPackage, type Found } from './debian-package.ts';
export { type NodeOptions, NodeProcess } from './node-process.ts';

export { debianPackage, type Found } from './debian-package.ts';

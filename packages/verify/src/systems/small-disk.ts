import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FullableDisk } from './system.ts';

const run = promisify(execFile);
const FILLER = 'filler';
const BLOCK = Buffer.alloc(1_048_576, 7);
const SMALL_BLOCK = 4_096;

/** A file system in memory, of limited size, that can be filled and emptied. */
export class SmallDisk implements FullableDisk, AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Needs the rights of root. @throws Error when it cannot be had */
  static async mount(folder: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(folder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  async fill(): Promise<void> {
    await using file = await open(path.join(this.folder, FILLER), 'a');
    for (const block of [BLOCK, BLOCK.subarray(0, SMALL_BLOCK)]) {
      try {
        while ((await statfs(this.folder)).bavail > 0) await file.write(block);
      } catch {
        // Full: the smaller block fills the rest.
      }
    }
  }

  async empty(): Promise<void> {
    await rm(path.join(this.folder, FILLER), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.folder]);
  }
}

/** The disk, or why there is none. */
export async function mountOrSay(folder: string, megabytes: number): Promise<SmallDisk | string> {
  try {
    return await SmallDisk.mount(folder, megabytes);
  } catch (error) {
    return `no small disk could be made: ${(error as Error).message.trim()}`;
  }
}

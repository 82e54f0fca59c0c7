import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { makePrivateFolder } from '@parley/client';
import { CHAT } from '../command-table.ts';
import type { Context } from '../context.ts';
import { replaceFile } from '../disk/atomic-file.ts';
import { withSetting } from '../disk/config-change.ts';
import { type ConfigFile, readConfigFile } from '../disk/config-file.ts';
import { EXIT } from '../exit-codes.ts';
import { failure, usageFailure } from '../failure.ts';
import { type Flag, GLOBAL_FLAGS } from '../flags.ts';
import { checkSetting } from '../settings.ts';

/** Flags that mean one run. */
const NEVER_KEPT = new Set(['config', 'help', 'version']);
const KEPT: readonly Flag[] = [...GLOBAL_FLAGS, ...CHAT.flags].filter(({ name }) => !NEVER_KEPT.has(name));

/** Shows and changes config.toml. */
export async function run(context: Context): Promise<number> {
  const [act = 'ls', key, value, ...more] = context.line.args;
  const file = context.settings.configFile;
  const wanted = { ls: 1, path: 1, edit: 1, get: 2, unset: 2, set: 3 }[act];
  if (wanted !== Math.max(1, context.line.args.length) || more.length > 0) {
    throw usageFailure('parley config [ls], get KEY, set KEY VALUE, unset KEY, edit or path');
  }
  if (act === 'path') context.output.result({ type: 'path', file }, file);
  else if (act === 'edit') edit(file);
  else if (act === 'ls') list(context, file);
  else if (act === 'get') get(context, file, kept(key).name);
  else write(context, file, { flag: kept(key), value });
  return await Promise.resolve(EXIT.done);
}

function kept(key: string | undefined): Flag {
  const flag = KEPT.find(({ name }) => name === key);
  if (flag !== undefined) return flag;
  throw usageFailure(`There is no setting ${key ?? ''}.`, `Settings: ${KEPT.map(({ name }) => name).join(' ')}`);
}

/** The profile whose settings are meant: one that was named. */
function profileOf({ settings }: Context): string | undefined {
  return settings.isProfileNamed ? settings.profile : undefined;
}

function list(context: Context, file: string): void {
  const { settings, profiles } = readConfigFile(file, false);
  const print = (key: string, value: string, profile: string | null): void =>
    context.output.result(
      { type: 'setting', key, value, profile },
      `${profile === null ? '' : `[${profile}] `}${key} = ${value}`,
    );
  for (const [key, value] of Object.entries(settings)) print(key, value, null);
  for (const [profile, own] of Object.entries(profiles)) {
    for (const [key, value] of Object.entries(own)) print(key, value, profile);
  }
}

function get(context: Context, file: string, key: string): void {
  const value = valueIn(readConfigFile(file, false), profileOf(context), key);
  if (value === undefined) throw failure('failed', 'not_set', `${key} is not set in ${file}.`);
  context.output.result({ type: 'setting', key, value, profile: profileOf(context) ?? null }, value);
}

function valueIn({ settings, profiles }: ConfigFile, profile: string | undefined, key: string): string | undefined {
  return profile === undefined ? settings[key] : profiles[profile]?.[key];
}

function write(context: Context, file: string, { flag, value }: { flag: Flag; value: string | undefined }): void {
  if (value !== undefined) checkSetting(flag, value);
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  readConfigFile(file, false);
  const text = withSetting(old, { profile: profileOf(context), key: flag.name, value });
  // A file that is a link to another stays one.
  if (existsSync(file)) replaceFile(realpathSync(file), text, statSync(file).mode & 0o777);
  else replaceFile(file, text, 0o644);
}

function edit(file: string): void {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  makePrivateFolder(path.dirname(file));
  const { status, error } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
  if (error !== undefined || status !== 0)
    throw failure('failed', 'editor', `${editor} ended with ${status ?? 'an error'}.`);
  readConfigFile(file, false);
}

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeError, makePrivateFolder } from '@parley/client';
import type { Context } from '../context.ts';
import { withSetting } from '../disk/config-change.ts';
import { type ConfigFile, readConfigFile } from '../disk/config-file.ts';
import { EXIT } from '../exit-codes.ts';
import { configFailure, failure, usageFailure } from '../failure.ts';
import { GLOBAL_FLAGS, variableOf } from '../flags.ts';

/** Flags that mean one run. */
const NEVER_KEPT = new Set(['config', 'help', 'version']);
const KEYS: readonly string[] = GLOBAL_FLAGS.map(({ name }) => name).filter((name) => !NEVER_KEPT.has(name));

/** Shows and changes config.toml. */
export async function run(context: Context): Promise<number> {
  const [act = 'ls', key, value, ...more] = context.line.args;
  const file = fileOf(context);
  const wanted = { ls: 1, path: 1, edit: 1, get: 2, unset: 2, set: 3 }[act];
  if (wanted !== Math.max(1, context.line.args.length) || more.length > 0) {
    throw usageFailure('parley config [ls], get KEY, set KEY VALUE, unset KEY, edit or path');
  }
  if (act === 'path') context.output.result({ type: 'path', file }, file);
  else if (act === 'edit') edit(file);
  else if (act === 'ls') list(context, file);
  else if (act === 'get') get(context, file, checked(key));
  else write(context, file, { key: checked(key), value });
  return await Promise.resolve(EXIT.done);
}

function fileOf({ line, env, settings }: Context): string {
  const { config } = line.flags;
  return typeof config === 'string' ? config : (env[variableOf('config')] ?? settings.paths.configFile);
}

function checked(key: string | undefined): string {
  if (key !== undefined && KEYS.includes(key)) return key;
  throw usageFailure(`There is no setting ${key ?? ''}.`, `Settings: ${KEYS.join(' ')}`);
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

function write(context: Context, file: string, { key, value }: { key: string; value: string | undefined }): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  readConfigFile(file, false);
  const text = withSetting(old, { profile: profileOf(context), key, value });
  try {
    makePrivateFolder(path.dirname(file));
    writeFileSync(file, text);
  } catch (error) {
    throw configFailure(`Cannot write ${file}: ${describeError(error)}.`);
  }
}

function edit(file: string): void {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  makePrivateFolder(path.dirname(file));
  const { status, error } = spawnSync(`${editor} "$1"`, ['sh', file], { shell: true, stdio: 'inherit' });
  if (error !== undefined || status !== 0)
    throw failure('failed', 'editor', `${editor} ended with ${status ?? 'an error'}.`);
  readConfigFile(file, false);
}

import { readFileSync } from 'node:fs';
import { describeError } from '@parley/client';
import { configFailure } from '../failure.ts';

/** What config.toml says: flat keys are long flag names; `[profile.NAME]` sets some for one profile. */
export interface ConfigFile {
  readonly settings: Readonly<Record<string, string>>;
  readonly profiles: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A file that is not there. */
export const NO_CONFIG: ConfigFile = { settings: {}, profiles: {} };
/** The header of a profile's settings. */
export const SECTION = /^\[profile\.(?:"([^"\\]+)"|([A-Za-z0-9_-]+))\]$/;
const SETTING = /^([a-z][a-z0-9-]*)\s*=\s*(?:"([^"\\]*)"|'([^']*)'|(true|false|\d+))$/;
/** A line with a comment; what stands before it. */
export const COMMENT = /^((?:[^#"']|"[^"]*"|'[^']*')*)#.*$/;

/**
 * Reads the settings: the part of TOML that they need (strings, whole numbers, true and false; one a line).
 * A missing file is none, unless `isRequired`. Throws a Failure (78) that names the line.
 */
export function readConfigFile(file: string, isRequired: boolean): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    // Whoever has no home, or one that is closed to us, has no settings either.
    if (!isRequired) return NO_CONFIG;
    throw configFailure(`Cannot read ${file}: ${describeError(error)}.`);
  }
  return parseConfig(text, file);
}

function parseConfig(text: string, file: string): ConfigFile {
  const settings: Record<string, string> = {};
  const profiles: Record<string, Record<string, string>> = {};
  let into = settings;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(COMMENT, '$1').trim();
    if (line === '') continue;
    const section = SECTION.exec(line);
    const setting = SETTING.exec(line);
    if (section !== null) {
      const name = section[1] ?? section[2] ?? '';
      into = Object.hasOwn(profiles, name) ? (profiles[name] ?? {}) : {};
      profiles[name] = into;
    } else if (setting !== null) {
      into[setting[1] ?? ''] = setting[2] ?? setting[3] ?? setting[4] ?? '';
    } else {
      throw configFailure(
        `${file}:${index + 1} is no setting: ${line.slice(0, 60)}`,
        'Example: server = "127.0.0.1:6000"',
      );
    }
  }
  return { settings, profiles };
}

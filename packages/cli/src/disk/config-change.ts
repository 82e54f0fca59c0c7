import { usageFailure } from '../failure.ts';
import { COMMENT, SECTION } from './config-file.ts';

/** What is to be changed; `value` undefined: taken away. */
export interface SettingChange {
  readonly profile: string | undefined;
  readonly key: string;
  readonly value: string | undefined;
}

/** The file's text with one setting changed; comments and everything else stay. Throws a Failure (2). */
export function withSetting(text: string, { profile, key, value }: SettingChange): string {
  if (value !== undefined && /["\\\p{Cc}]/u.test(value))
    throw usageFailure('A value has no quotes, backslashes or control characters.');
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const header = profile === undefined ? undefined : `[profile.${/^[\w-]+$/.test(profile) ? profile : `"${profile}"`}]`;
  const start = header === undefined ? 0 : sectionStart(lines, profile ?? '');
  const added = value === undefined ? [] : [`${key} = "${value}"`];
  if (start === undefined)
    return [...lines, ...(added.length === 0 ? [] : ['', header ?? '', ...added]), ''].join('\n');
  const nextHeader = lines.findIndex((line, index) => index >= start && line.trimStart().startsWith('['));
  const end = nextHeader < 0 ? lines.length : nextHeader;
  const at = lines.findIndex((line, index) => index >= start && index < end && settingOf(key).test(line));
  if (at >= 0) lines.splice(at, 1, ...added);
  else lines.splice(lastUsed(lines, start, end), 0, ...added);
  return [...lines, ''].join('\n');
}

function settingOf(key: string): RegExp {
  return new RegExp(`^\\s*${key}\\s*=`);
}

/** The line after a profile's header. */
function sectionStart(lines: readonly string[], profile: string): number | undefined {
  const at = lines.findIndex((line) => {
    const section = SECTION.exec(line.replace(COMMENT, '$1').trim());
    return section !== null && (section[1] ?? section[2]) === profile;
  });
  return at < 0 ? undefined : at + 1;
}

/** Behind the last line of a section that is not empty. */
function lastUsed(lines: readonly string[], start: number, end: number): number {
  let at = end;
  while (at > start && lines[at - 1]?.trim() === '') at -= 1;
  return at;
}

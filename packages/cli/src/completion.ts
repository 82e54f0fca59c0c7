import { VERBS } from './command-table.ts';
import { type Flag, GLOBAL_FLAGS } from './flags.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes verbs and flags; `eval "$(parley completion bash)"`. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

function words(flags: readonly Flag[]): string {
  return flags.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]).join(' ');
}

function bash(): string {
  const cases = VERBS.map(({ name, flags }) => `    ${name}) words="${words(flags)}" ;;`);
  return `_parley() {
  local word="\${COMP_WORDS[COMP_CWORD]}" verb="" words="" one
  for one in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$one" in
      ${VERBS.map(({ name }) => name).join('|')}) verb="$one"; break ;;
    esac
  done
  case "$verb" in
${cases.join('\n')}
    *) words="${VERBS.map(({ name }) => name).join(' ')}" ;;
  esac
  case "$word" in
    -*) words="$words ${words(GLOBAL_FLAGS)}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _parley parley
`;
}

function zsh(): string {
  const verbs = VERBS.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = VERBS.map(
    ({ name, flags }) => `    ${name}) _arguments $global ${flags.map(zshFlag).join(' ')} '*: :_files' ;;`,
  );
  return `#compdef parley
_parley() {
  local -a verbs global
  verbs=(
${verbs.join('\n')}
  )
  global=(${GLOBAL_FLAGS.map(zshFlag).join(' ')})
  local verb="\${words[(r)(${VERBS.map(({ name }) => name).join('|')})]}"
  case "$verb" in
${cases.join('\n')}
    *) _arguments $global '1: :{_describe verb verbs}' ;;
  esac
}
compdef _parley parley
`;
}

function zshFlag({ name, value, help }: Flag): string {
  const escaped = quoted(help).replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
  return `'--${name}[${escaped}]${value === undefined ? '' : `:${value.replaceAll(':', '\\:')}:`}'`;
}

function fish(): string {
  const names = VERBS.map(({ name }) => name).join(' ');
  return [
    ...VERBS.map(
      ({ name, summary }) =>
        `complete -c parley -n "not __fish_seen_subcommand_from ${names}" -f -a ${name} -d '${quoted(summary)}'`,
    ),
    ...GLOBAL_FLAGS.map((flag) => `complete -c parley ${fishFlag(flag)}`),
    ...VERBS.flatMap(({ name, flags }) =>
      flags.map((flag) => `complete -c parley -n "__fish_seen_subcommand_from ${name}" ${fishFlag(flag)}`),
    ),
    '',
  ].join('\n');
}

function fishFlag({ name, short, value, help }: Flag): string {
  const parts = [`-l ${name}`, ...(short === undefined ? [] : [`-s ${short}`]), ...(value === undefined ? [] : ['-r'])];
  return `${parts.join(' ')} -d '${quoted(help)}'`;
}

/** Inside single quotes of any of the shells. */
function quoted(text: string): string {
  return text.replaceAll("'", '’');
}

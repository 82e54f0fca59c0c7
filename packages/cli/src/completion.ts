import { VERBS, type Verb } from './command-table.ts';
import { type Flag, GLOBAL_FLAGS } from './flags.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes verbs, flags and names; `eval "$(parley completion bash)"`. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

function words(flags: readonly Flag[]): string {
  return flags.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]).join(' ');
}

/** Flags that are followed by a value, as a pattern of bash. */
function valued(flags: readonly Flag[]): string {
  return flags
    .filter(({ value }) => value !== undefined)
    .flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])])
    .join('|');
}

/** Verbs that are given a chat, a person or a group. */
const NAMING = VERBS.filter(({ usage }) => usage.some((form) => /WHERE|WHO|GROUP/.test(form))).map(({ name }) => name);

/**
 * A name may hold blanks and what a shell expands, so it never passes compgen -W, and is quoted unless a quote is open;
 * bash gives @ as a word of its own, and replaces it.
 */
const BASH_NAMES = `_parley_names() {
  local word="$1" before="$2" quoted="" special="*['\\"\\$\\\`\\\\\\\\]*" name
  case "$word" in
    \\'* | \\"*) quoted=1 word="\${word:1}" ;;
  esac
  word="\${word#\\\\}"
  [[ "$before" != @ ]] || word="@$word"
  while IFS= read -r name; do
    [[ "$name" == "$word"* ]] || continue
    if [[ -z "$quoted" ]]; then
      COMPREPLY+=("$(printf %q "$name")")
    elif [[ "$name" != $special ]]; then
      COMPREPLY+=("$name")
    fi
  done < <(parley completion --names 2>/dev/null)
}
`;

/** The words that a verb takes first: `group new`. */
function subcommands({ usage }: Verb): string[] {
  return usage.flatMap((form) => {
    const [first = ''] = form.split(' ');
    return /^(\[?[a-z]+\]?|[a-z]+(\|[a-z]+)+)$/.test(first) ? first.replace(/[[\]]/g, '').split('|') : [];
  });
}

/** The same in both shells: finds the verb among these words, past the values of the flags that all verbs have. */
function verbLoop(typed: string): string {
  return `  for one in "${typed}"; do
    case "$before" in
      ${valued(GLOBAL_FLAGS)}) before=""; continue ;;
    esac
    before="$one"
    case "$one" in
      ${VERBS.map(({ name }) => name).join('|')}) verb="$one"; break ;;
    esac
  done
`;
}

function bash(): string {
  const cases = VERBS.map(
    (verb) =>
      `    ${verb.name}) words="${words(verb.flags)}" values="${valued(verb.flags)}" subs="${subcommands(verb).join(' ')}" ;;`,
  );
  return `${BASH_NAMES}_parley() {
  local word="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD-1]}" before="" verb="" words="" values="" subs="" one
${verbLoop('${COMP_WORDS[@]:1:COMP_CWORD-1}')}  case "$verb" in
${cases.join('\n')}
    *) words="${VERBS.map(({ name }) => name).join(' ')}" ;;
  esac
  case "|${valued(GLOBAL_FLAGS)}|$values|" in
    *"|$last|"*) COMPREPLY=(); return ;;
  esac
  case "$word" in
    -*) words="$words ${words(GLOBAL_FLAGS)}" ;;
    *) [[ "$last" != "$verb" || -z "$subs" ]] || { COMPREPLY=($(compgen -W "$subs" -- "$word")); return; } ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  case "$verb" in
    ${NAMING.join('|')}) case "$word" in -*) ;; *) _parley_names "$word" "$last" ;; esac ;;
  esac
}
complete -o default -F _parley parley
`;
}

function zsh(): string {
  const verbs = VERBS.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const cases = VERBS.map(
    (verb) =>
      `    ${verb.name}) _arguments $global ${[...verb.flags.flatMap(zshFlag), ...zshArguments(verb)].join(' ')} ;;`,
  );
  return `#compdef parley
_parley_names() {
  compadd -- \${(f)"$(parley completion --names 2>/dev/null)"} || _files
}
_parley() {
  local -a verbs global
  verbs=(
${verbs.join('\n')}
  )
  global=(${GLOBAL_FLAGS.flatMap(zshFlag).join(' ')})
  local verb="" before="" one
${verbLoop('${(@)words[2,CURRENT-1]}')}  case "$verb" in
${cases.join('\n')}
    *) _arguments $global '1: :{_describe verb verbs}' ;;
  esac
}
compdef _parley parley
`;
}

/** The first argument is the verb. */
function zshArguments(verb: Verb): string[] {
  const subs = subcommands(verb);
  const rest = `'*: :${NAMING.includes(verb.name) ? '_parley_names' : '_files'}'`;
  return subs.length === 0 ? [rest] : ["'1: :'", `'2: :(${subs.join(' ')})'`, rest];
}

function zshFlag({ name, short, value, help }: Flag): string[] {
  const escaped = quoted(help).replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
  const rest = `[${escaped}]${value === undefined ? '' : `:${value.replaceAll(':', '\\:')}:`}'`;
  return [`'--${name}${rest}`, ...(short === undefined ? [] : [`'-${short}${rest}`])];
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
    ...VERBS.filter((verb) => subcommands(verb).length > 0).map((verb) => {
      const subs = subcommands(verb).join(' ');
      const isFirst = `__fish_seen_subcommand_from ${verb.name}; and not __fish_seen_subcommand_from ${subs}`;
      return `complete -c parley -n "${isFirst}" -f -a '${subs}'`;
    }),
    `complete -c parley -n "__fish_seen_subcommand_from ${NAMING.join(' ')}" -a '(parley completion --names 2>/dev/null)'`,
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

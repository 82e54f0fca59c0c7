import { currentChats, type LineState } from '../state/line-state.ts';
import type { Vocabulary } from '../state/tab-completion.ts';
import { COLON_COMMANDS, SLASH_COMMANDS } from './slash-commands.ts';

/** What Tab completes from: the commands, and the names that this account knows. */
export function vocabularyOf(state: LineState): Vocabulary {
  const chats = currentChats(state);
  const people = [...state.known.contacts.values()].map(({ user }) => `@${user.name}`);
  return {
    commands: SLASH_COMMANDS,
    people: [...new Set([...people, ...chats.filter(({ isGroup }) => !isGroup).map(({ label }) => label)])],
    groups: chats.filter(({ isGroup }) => isGroup).map(({ label }) => label),
    // In a chat the ancestor's commands are words.
    firstWords: state.open === undefined ? COLON_COMMANDS : [],
  };
}

/** Names that are known and hold blanks, with and without their signs. */
export function spacedNames(state: LineState): string[] {
  const { people, groups } = vocabularyOf(state);
  return [...people, ...groups].filter((name) => /\s/.test(name)).flatMap((name) => [name, name.slice(1)]);
}

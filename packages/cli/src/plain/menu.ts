import { type ChatClient, ClientError } from '@parley/client';
import type { LoginReply } from '@parley/protocol';
import { toPerson } from '../addresses.ts';
import { usageFailure } from '../failure.ts';
import { reasonText } from './lines.ts';

/** What the menu asks of the terminal. `ask` resolves with undefined at the end of the input. */
export interface MenuView {
  /** Someone types the answers. */
  readonly isTerminal: boolean;
  print(text: string): void;
  ask(question: string, isSecret?: boolean): Promise<string | undefined>;
}

/** Opens a connection without a session. */
export type OpenClient = () => Promise<ChatClient>;

/** A log-in that came about. */
export interface LoggedIn {
  readonly client: ChatClient;
  readonly reply: LoginReply;
}

/** How `prepare` may refuse: a home that cannot be written to is found out before there is a token to lose. */
export interface MenuSteps {
  readonly open: OpenClient;
  readonly prepare: (name: string) => void;
  /** What the new log-in is called. */
  readonly device: string;
}

const MENU = '1 login  2 register  3 quit';

/** The ancestor's menu. Resolves with a log-in, or undefined when the user leaves; failures lead back to the menu. */
export async function runMenu(view: MenuView, steps: MenuSteps): Promise<LoggedIn | 'quit' | 'end'> {
  for (;;) {
    view.print(MENU);
    const choice = (await view.ask('> '))?.trim().toLowerCase();
    if (choice === undefined) return 'end';
    if (['3', 'quit', 'q', 'exit', '/quit', '/q'].includes(choice)) return 'quit';
    const isLogin = ['1', 'login', '/login'].includes(choice);
    if (!isLogin && !['2', 'register', '/register'].includes(choice)) continue;
    const loggedIn = await attempt(view, steps, isLogin);
    if (loggedIn !== undefined) return loggedIn;
  }
}

async function attempt(view: MenuView, steps: MenuSteps, isLogin: boolean): Promise<LoggedIn | undefined> {
  let client: ChatClient | undefined;
  try {
    client = await steps.open();
    const name = await askName(view, isLogin);
    if (name === undefined) throw new ClientError({ kind: 'lost', message: 'Nothing was done.' });
    steps.prepare(name);
    const reply = isLogin
      ? await login(view, client, { name, device: steps.device })
      : await register(view, client, { name, device: steps.device });
    if (reply !== undefined) return { client, reply };
  } catch (error) {
    view.print(reasonText(error));
  }
  await client?.close();
  return undefined;
}

async function askName(view: MenuView, isLogin: boolean): Promise<string | undefined> {
  const name = (await view.ask(isLogin ? 'Name or number: ' : 'Name: '))?.trim();
  return name === '' ? undefined : name;
}

interface Account {
  readonly name: string;
  readonly device: string;
}

async function login(view: MenuView, client: ChatClient, { name, device }: Account): Promise<LoginReply | undefined> {
  const password = await view.ask('Password: ', true);
  return password === undefined ? undefined : await client.login({ user: toPerson(name), password, device });
}

async function register(
  view: MenuView,
  client: ChatClient,
  { name, device }: Account,
): Promise<LoginReply | undefined> {
  const password = await view.ask('Password: ', true);
  if (password === undefined) return undefined;
  // Nobody can see what they typed; what a pipe says is meant.
  if (view.isTerminal && (await view.ask('Again: ', true)) !== password)
    throw usageFailure('The two passwords differ.');
  return await client.register({ name, password, device });
}

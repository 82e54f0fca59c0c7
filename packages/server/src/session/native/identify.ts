import type { RequestOf } from '@parley/protocol/validate';
import type { Identity, NewLogin } from '../../chat/accounts.ts';
import type { Link } from '../link.ts';
import type { SessionDeps } from '../session-deps.ts';

/** The operations that log a connection in. */
export type LoginOp = 'register' | 'login' | 'resume';

export type LoginRequest = RequestOf<LoginOp>;

/** Finds out who logs in. @throws ChatError when nobody does */
export async function identify(
  request: LoginRequest,
  link: Link,
  { chat: { accounts } }: SessionDeps,
): Promise<Identity | NewLogin> {
  const from = { address: link.remoteAddress, isLoopback: link.isLoopback };
  switch (request.op) {
    case 'resume':
      return accounts.resume(request.token);
    case 'register': {
      const { name, password, device } = request;
      const id = await accounts.register({ name, password, dialect: 'native', from });
      return accounts.createDevice({ id, name }, device);
    }
    case 'login': {
      const { user, password, device } = request;
      return accounts.logIn({ user, password, from }, device);
    }
  }
}

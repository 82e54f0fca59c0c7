import Type from 'typebox';
import { Person, RequestId, UserRef } from './common.ts';

const deviceName = Type.Optional(Type.String());

/** Opens the native dialect: which versions the client speaks. Optional; without it version 1 is spoken. */
export const helloRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('hello'),
  versions: Type.Optional(Type.Array(Type.Integer(), { maxItems: 32 })),
  client: Type.Optional(Type.String()),
});
export const helloReply = Type.Object({
  server: Type.String(),
  release: Type.String(),
  version: Type.Integer(),
  capabilities: Type.Array(Type.String()),
  limits: Type.Record(Type.String(), Type.Integer()),
});
export type HelloReply = Type.Static<typeof helloReply>;

/** Makes an account, and a device that is logged in on this connection. */
export const registerRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('register'),
  name: Type.String(),
  password: Type.String(),
  device: deviceName,
});

/** Logs in by name or number; makes a new device whose token comes back. */
export const loginRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('login'),
  user: Person,
  password: Type.String(),
  device: deviceName,
});

/** Logs in with the token of a device. */
export const resumeRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('resume'),
  token: Type.String(),
});

/** Answer to `register`, `login` and `resume`; the token is told once, when the device is made. */
export const loginReply = Type.Object({
  user: UserRef,
  device: Type.Integer(),
  token: Type.Optional(Type.String()),
});
export type LoginReply = Type.Static<typeof loginReply>;

/** Revokes this connection's device; the connection can log in again. */
export const logoutRequest = Type.Object({ id: RequestId, op: Type.Literal('logout') });

/** Changes the password and revokes all other devices. */
export const passwordRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('password'),
  current: Type.String(),
  next: Type.String(),
});

/** Lists the account's devices, newest first. */
export const devicesRequest = Type.Object({ id: RequestId, op: Type.Literal('devices') });
export const devicesReply = Type.Object({
  devices: Type.Array(
    Type.Object({
      id: Type.Integer(),
      name: Type.String(),
      createdAt: Type.Integer(),
      lastSeenAt: Type.Integer(),
      current: Type.Boolean(),
    }),
  ),
});
export type DevicesReply = Type.Static<typeof devicesReply>;

/** Ends one of the account's devices: its token is void, its connections are closed. */
export const revokeRequest = Type.Object({ id: RequestId, op: Type.Literal('revoke'), device: Type.Integer() });

/** Says who a person is. */
export const whoisRequest = Type.Object({ id: RequestId, op: Type.Literal('whois'), user: Person });
export const whoisReply = Type.Object({ user: UserRef });
export type WhoisReply = Type.Static<typeof whoisReply>;

/** Asks for a sign of life; also counts as one. */
export const pingRequest = Type.Object({ id: RequestId, op: Type.Literal('ping') });

import type { Socket } from 'node:net';

/** Ends a connection with a reset; when its end is under way already, at once. */
export function resetSocket(socket: Socket): void {
  // Node keeps a socket for ever that is reset while it shuts down (EINVAL): the process could not end.
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

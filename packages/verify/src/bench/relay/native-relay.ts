import type { OnRelayFrame, RelayPeer } from './relay-server.ts';

interface Room {
  readonly address: string;
  readonly peers: Set<RelayPeer>;
  seq: number;
}

/**
 * The bound of the native dialect: the frames that Parley writes and no rule, store or check behind them. Each send is
 * answered with a receipt, and its entry goes to every session of the conversation, the sender's own included.
 * A token is `USER GROUP GROUP …`: who resumes, and in which groups.
 */
export function nativeRelay(): OnRelayFrame {
  const users = new Map<number, RelayPeer>();
  const rooms = new Map<string, Room>();
  return (frame, peer) => {
    switch (frame['op']) {
      case 'send':
        relaySend(
          frame,
          peer,
          rooms.get(roomKey(frame['to'] as string, peer)) ?? openRoom(frame, peer, { users, rooms }),
        );
        break;
      case 'resume':
        logIn(frame, peer, { users, rooms });
        break;
      case 'sync':
        reply(peer, frame, '{}');
        peer.write('{"ev":"synced"}\n');
        break;
      default:
        reply(peer, frame, '{}');
    }
  };
}

interface State {
  readonly users: Map<number, RelayPeer>;
  readonly rooms: Map<string, Room>;
}

function relaySend(frame: Record<string, unknown>, peer: RelayPeer, room: Room): void {
  room.seq += 1;
  const { seq, address: conversation } = room;
  const time = Date.now();
  const ok = { conversation, seq, ord: seq, tag: 2_882_400_001, time };
  peer.write(`${JSON.stringify({ re: frame['id'], ok })}\n`);
  const from = { id: peer.user, name: `user${peer.user}` };
  const { clientId, text } = frame;
  const entry = {
    ev: 'entry',
    conversation,
    seq,
    ord: seq,
    tag: 2_882_400_001,
    kind: 'message',
    from,
    clientId,
    time,
    text,
  };
  const line = `${JSON.stringify(entry)}\n`;
  for (const member of room.peers) member.write(line);
}

function logIn(frame: Record<string, unknown>, peer: RelayPeer, { users, rooms }: State): void {
  const [user = '0', ...groups] = (frame['token'] as string).split(' ');
  peer.user = Number(user);
  users.set(peer.user, peer);
  for (const group of groups) {
    const room = rooms.get(group) ?? { address: group, peers: new Set(), seq: 0 };
    rooms.set(group, room);
    room.peers.add(peer);
  }
  reply(peer, frame, JSON.stringify({ user: { id: peer.user, name: `user${user}` }, device: 1 }));
}

function roomKey(to: string, peer: RelayPeer): string {
  return to.startsWith('g') ? to : `${to} u${peer.user}`;
}

/** A direct conversation is one room under two keys, one for each side. */
function openRoom(frame: Record<string, unknown>, peer: RelayPeer, { users, rooms }: State): Room {
  const to = frame['to'] as string;
  const other = Number(to.slice(1));
  const [low, high] = [Math.min(other, peer.user), Math.max(other, peer.user)];
  const peers = new Set([peer, users.get(other) ?? peer]);
  const room = { address: `d${low}-${high}`, peers, seq: 0 };
  rooms.set(`${to} u${peer.user}`, room);
  rooms.set(`u${peer.user} ${to}`, room);
  return room;
}

function reply(peer: RelayPeer, frame: Record<string, unknown>, ok: string): void {
  peer.write(`{"re":${frame['id'] as number},"ok":${ok}}\n`);
}

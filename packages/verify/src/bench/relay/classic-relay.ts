import type { OnRelayFrame, RelayPeer } from './relay-server.ts';

/** The bound of the classic dialect: parse, find the peer of `toid`, stringify, write. Any password is right. */
export function classicRelay(): OnRelayFrame {
  const peers = new Map<number, RelayPeer>();
  return (frame, peer) => {
    if (frame['msgid'] === 6) {
      peers.get(frame['toid'] as number)?.write(`${JSON.stringify(frame)}\0`);
    } else if (frame['msgid'] === 1) {
      peer.user = frame['id'] as number;
      peers.set(peer.user, peer);
      peer.write(`${JSON.stringify({ msgid: 2, errno: 0, id: peer.user, name: `user${peer.user}` })}\0`);
    }
  };
}

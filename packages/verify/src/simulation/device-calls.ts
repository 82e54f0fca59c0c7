import type { Seq, UserId } from '@parley/protocol';
import type { Conversation } from '@parley/server/ports';
import { digestOf } from '../history/digest.ts';
import type { OpenCall, Recorder } from './recorder.ts';
import type { Content, ServerSession, Up } from './server-session.ts';

/** Whose calls they are. */
interface Caller {
  readonly user: UserId;
  readonly id: number;
  readonly session: ServerSession | undefined;
}

/** What one device asks of the session it has, written down as calls. Without a session nothing is asked. */
export class DeviceCalls {
  readonly #caller: Caller;
  readonly #recorder: Recorder;

  constructor(caller: Caller, recorder: Recorder) {
    this.#caller = caller;
    this.#recorder = recorder;
  }

  ask(frame: (session: ServerSession) => Up): void {
    const { session } = this.#caller;
    if (session !== undefined) session.up.push(frame(session));
  }

  append(conversation: Conversation, content: Content): void {
    this.ask((session) => ({
      op: 'append',
      conversation,
      content,
      call: this.#invoke(session, conversation.address, content),
    }));
  }

  /** The first message of two people. A group that is not there was lost with an older copy. */
  appendFirst(address: string, content: Content): void {
    const [, low, high] = /^d(\d+)-(\d+)$/.exec(address) ?? [];
    if (low === undefined || high === undefined) {
      this.refuse(content.clientId);
      return;
    }
    const pair = [Number(low) as UserId, Number(high) as UserId] as const;
    this.ask((session) => ({ op: 'first', pair, content, call: this.#invoke(session, address, content) }));
  }

  /** As the server refuses what is for a conversation that is not there. */
  refuse(clientId: string): void {
    this.#caller.session?.down.push({ ev: 'refused', clientId, code: 'no_such_conversation' });
  }

  createGroup(clientId: string): void {
    this.ask((session) => {
      const call = this.#recorder.invoke({ ...this.#who(session), op: 'create', i: clientId });
      return { op: 'create', clientId, call };
    });
  }

  /** Blocks somebody, or lifts that. */
  block(peer: UserId, holds: boolean): void {
    const op = holds ? 'block' : 'unblock';
    this.ask((session) => {
      const call = this.#recorder.invoke({ ...this.#who(session), op, w: peer });
      return { op: 'block', peer, holds, call };
    });
  }

  /** Ends a device of the same account. */
  revoke(device: number): void {
    this.ask((session) => {
      const call = this.#recorder.invoke({ ...this.#who(session), op: 'revoke', dev: device });
      return { op: 'revoke', device, call };
    });
  }

  read(conversation: Conversation, to: number): void {
    this.ask((session) => {
      const call = this.#recorder.invoke({ ...this.#who(session), op: 'read', c: conversation.address, to });
      return { op: 'read', conversation, to: to as Seq, call };
    });
  }

  #invoke(session: ServerSession, address: string, { kind, clientId, after, text, target }: Content): OpenCall {
    const op = kind === 'message' ? 'send' : kind;
    return this.#recorder.invoke({
      ...this.#who(session),
      op,
      c: address,
      i: clientId,
      ...(after === null ? {} : { a: after }),
      ...(text === null ? {} : { x: digestOf(text) }),
      ...(target === null ? {} : { w: target }),
    });
  }

  #who({ number }: ServerSession): { s: number; u: UserId; dev: number } {
    return { s: number, u: this.#caller.user, dev: this.#caller.id };
  }
}

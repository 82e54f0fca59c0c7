import { type ChatClient, ClientError, type Outbox, type Sent } from '@parley/client';
import { addressKey } from '@parley/protocol';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import type { Batch, Message, Sends } from './send.ts';

/** Messages by way of the outbox: on disk before they go, and settled whatever becomes of this process. */
export class OutboxSends implements Sends {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #client: ChatClient;
  readonly #added = new Set<string>();

  constructor(context: Context, client: ChatClient, outbox: Outbox) {
    this.#context = context;
    this.#client = client;
    this.#outbox = outbox;
  }

  send(batch: Batch, messages: readonly Message[]): Promise<Sent>[] {
    // What is to stay is written down at once, however long the first of it takes.
    const conflicts = this.#add(batch, batch.isQueued ? batch.messages : messages);
    return messages.map(async ({ clientId }) => {
      if (conflicts.has(clientId)) throw usageFailure(`--id ${clientId} is in the outbox with another text.`);
      return await this.#settled(clientId, batch);
    });
  }

  #add({ to }: Batch, messages: readonly Message[]): Set<string> {
    const fresh = messages.filter(({ clientId }) => !this.#added.has(clientId));
    for (const { clientId } of fresh) this.#added.add(clientId);
    const added = fresh.length === 0 ? [] : this.#outbox.add(fresh.map((message) => ({ ...message, to })));
    return new Set(fresh.filter((_, index) => added[index] === 'conflict').map(({ clientId }) => clientId));
  }

  async #settled(clientId: string, batch: Batch): Promise<Sent> {
    try {
      return await this.#outbox.settled(clientId, this.#context.settings.timeoutMs);
    } catch (error) {
      throw this.#explain(error, clientId, batch);
    }
  }

  /** What could not be settled stays with --queue; else it is taken back, as far as that is possible. */
  #explain(error: unknown, clientId: string, batch: Batch): unknown {
    if (!(error instanceof ClientError)) return error;
    if (error.kind === 'refused' && error.clientId === clientId) {
      this.#outbox.giveUp(clientId);
      return error;
    }
    const isLogin = error.kind !== 'timeout' && error.code !== 'lost' && error.code !== 'unreachable';
    if (batch.isQueued && !isLogin) return this.#queued(clientId, batch);
    const isUnknown = this.#outbox.giveUp(clientId) === 'unknown';
    if (error.kind === 'timeout' && error.code !== 'timeout') return error; // the server said: not now
    if (isUnknown) return unknown(clientId);
    return isLogin ? error : this.#late(clientId, batch);
  }

  #queued(clientId: string, batch: Batch): Failure {
    const message = 'Not sent yet; it waits in the outbox.';
    return new Failure({
      code: 'queued',
      message,
      hint: this.#hint(batch) ?? 'Run: parley flush',
      exit: EXIT.queued,
      clientId,
    });
  }

  #late(clientId: string, batch: Batch): Failure {
    const { status } = this.#client;
    const reason = status.state === 'waiting' ? status.reason : 'no answer came in time.';
    const message = `Not sent: ${reason}`;
    return new Failure({ code: 'failed', message, hint: this.#hint(batch), exit: EXIT.unreachable, clientId });
  }

  /** Older messages that nobody was asked about stand before it. */
  #hint({ to }: Batch): string | undefined {
    const isBehind = this.#outbox.held().some((item) => addressKey(item.to) === addressKey(to));
    return isBehind
      ? `Older messages to ${to} wait: parley flush --old sends them, parley outbox drop does not.`
      : undefined;
  }
}

function unknown(clientId: string): Failure {
  const message = 'The message was sent, but no answer came: it may be stored or not.';
  const hint = 'The next run settles it; the same --id sends it again without a double.';
  return new Failure({ code: 'unknown_outcome', message, hint, exit: EXIT.unreachable, clientId });
}

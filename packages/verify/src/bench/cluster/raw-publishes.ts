import { createClient } from '@redis/client';
import { repeatFor } from '../../load/concurrently.ts';

/** As large as the frame of a message of 100 bytes. */
const FRAME = 'x'.repeat(250);
/** Publishes that are under way at once. */
const WIDTH = 100;

/** What Redis does at best: sharded publishes to one subscriber, from one client that does nothing else. Messages a second. */
export async function measurePublishes(url: string, ms: number): Promise<number> {
  const subscriber = createClient({ url });
  const publisher = createClient({ url });
  for (const client of [subscriber, publisher]) {
    client.on('error', () => undefined);
    await client.connect();
  }
  try {
    let heard = 0;
    await subscriber.sSubscribe('raw-publishes', () => (heard += 1));
    const { done, seconds } = await repeatFor(ms, WIDTH, async () => {
      await publisher.sPublish('raw-publishes', FRAME);
    });
    if (heard === 0) throw new Error(`of ${done} publishes none was heard`);
    return done / seconds;
  } finally {
    subscriber.destroy();
    publisher.destroy();
  }
}

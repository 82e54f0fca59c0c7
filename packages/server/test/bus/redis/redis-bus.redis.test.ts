import { busContract } from '@parley/testkit';
import { join, realRedis } from './real-redis.ts';

busContract('redis', async (t) => {
  const server = await realRedis(t);
  return server && { join: async () => join(t, server.url).bus };
});

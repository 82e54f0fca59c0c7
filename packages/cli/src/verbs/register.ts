import { type Context, connectOnly, keepNewSession, prepareProfile } from '../context.ts';
import { deviceName, takeName, takePassword } from '../credentials.ts';
import { EXIT } from '../exit-codes.ts';
import { reportLogin } from './login.ts';

/** Makes an account and logs in. */
export async function run(context: Context): Promise<number> {
  const name = await takeName(context);
  const password = await takePassword(context, true);
  const profile = prepareProfile(context, name);
  await using client = await connectOnly(context);
  const reply = await client.register({ name, password, device: deviceName(context) });
  await keepNewSession(context, client, { profile, reply });
  reportLogin(context, { profile, reply, word: 'Registered' });
  return EXIT.done;
}

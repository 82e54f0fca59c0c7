import { type Context, connectWithSession } from '../context.ts';
import { safe } from '../entries.ts';
import { EXIT } from '../exit-codes.ts';

/** Asks the server whose session this is. */
export async function run(context: Context): Promise<number> {
  await using client = await connectWithSession(context);
  const { server, profile } = context.settings;
  const { user, device } = client;
  const name = safe(user?.name ?? '');
  context.output.result(
    { type: 'whoami', user: user ?? null, device: device ?? null, server, profile: profile ?? null },
    `${name} (number ${user?.id}) at ${server}, device ${device}${profile === undefined ? '' : `, profile ${safe(profile)}`}`,
  );
  return EXIT.done;
}

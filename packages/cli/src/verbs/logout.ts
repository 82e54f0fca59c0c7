import { type Context, connectWithSession, forgetSession } from '../context.ts';
import { EXIT } from '../exit-codes.ts';

/** Revokes the log-in on the server, then forgets it here. One that is revoked already is forgotten. */
export async function run(context: Context): Promise<number> {
  const { settings, output } = context;
  try {
    await using client = await connectWithSession(context);
    await client.logout();
  } catch (error) {
    if ((error as { code?: string }).code !== 'bad_token') throw error;
  }
  if (settings.token === undefined && settings.profile !== undefined) forgetSession(context, settings.profile);
  output.report({ type: 'logout', server: settings.server }, `Logged out of ${settings.server}.`);
  return EXIT.done;
}

import { fileURLToPath } from 'node:url';
import * as accounts from '../src/messages/accounts.ts';
import * as contacts from '../src/messages/contacts.ts';
import * as groups from '../src/messages/groups.ts';
import * as history from '../src/messages/history.ts';
import * as sending from '../src/messages/sending.ts';
import * as sync from '../src/messages/sync.ts';
import { PROTOCOL_FLOOR, PROTOCOL_VERSION } from '../src/protocol-version.ts';
import { REQUESTS } from '../src/upstream.ts';

/** The committed JSON Schema of the native dialect. */
export const SCHEMA_FILE = fileURLToPath(new URL('../../../docs/protocol.schema.json', import.meta.url));

/** JSON Schema of everything that goes over the native wire, made from the schemas that the server checks with. */
export function protocolSchema(): string {
  const replies = Object.entries({ ...accounts, ...contacts, ...groups, ...history, ...sending })
    .filter(([name]) => name.endsWith('Reply'))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const events = Object.entries(sync)
    .filter(([name]) => name.endsWith('Event'))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Parley, native dialect',
    version: PROTOCOL_VERSION,
    floor: PROTOCOL_FLOOR,
    requests: REQUESTS,
    replies: Object.fromEntries(replies),
    events: Object.fromEntries(events),
  };
  return `${JSON.stringify(schema, null, 1)}\n`;
}

import { accountRules } from './store/account-rules.ts';
import { contactRules } from './store/contact-rules.ts';
import { deviceRules } from './store/device-rules.ts';
import { directRules } from './store/direct-rules.ts';
import type { OpenStore, StoreTools } from './store/fixture.ts';
import { groupRules } from './store/group-rules.ts';
import { logReadRules } from './store/log-read-rules.ts';
import { logRules } from './store/log-rules.ts';
import { membershipRules } from './store/membership-rules.ts';
import { positionRules } from './store/position-rules.ts';
import { stateRules } from './store/state-rules.ts';

/**
 * What every adapter of the Store port must do. Its test is one call. The suite makes its own users under names that
 * are not used twice, so `open` may hand out a store that holds something already.
 */
export function storeContract(name: string, open: OpenStore, tools: StoreTools = {}): void {
  accountRules(name, open);
  deviceRules(name, open);
  contactRules(name, open);
  directRules(name, open);
  groupRules(name, open);
  membershipRules(name, open);
  logRules(name, open, tools);
  logReadRules(name, open);
  positionRules(name, open);
  stateRules(name, open);
}

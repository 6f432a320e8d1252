/** Workflows of the example collector. Polo runs one for each account, as a child of `collectAcrossAccounts`. */
import { proxyActivities } from '@temporalio/workflow';
import type { CollectorInput } from 'polo-accounts/contract';
import type { CollectorActivities, Identity } from './activities.ts';

const { readIdentity } = proxyActivities<CollectorActivities>({
  startToCloseTimeout: '30 seconds',
  // Throttling of AWS lasts longer than the SDK's own retries: 2, 4, 8, 16 and 30 seconds between the attempts here.
  retry: { initialInterval: '2 seconds', maximumInterval: '30 seconds', maximumAttempts: 6 },
});

/** Collects from one account. What it returns is the account's entry in `results`; nothing of it is needed. */
export const collectExample = ({ account }: CollectorInput): Promise<Identity> => readIdentity(account);

/** The runs whose histories `recordHistories.ts` keeps of discoveries that are lied to, are at fault themselves, or unwanted. */
import { DISCOVERY_WORKFLOW_ID, TASK_QUEUE, type DiscoverAccountsResult } from '../../domain/contract.ts';
import { startPolo, type Polo } from './polo.ts';
import { SECRETS } from './secrets.ts';
import type { RecordHistory, Step } from './stories.ts';
import { untilEvent } from './waiting.ts';

/** Two pages of accounts, few in all; patience with a page that fails is 9 s. */
export const startPoloOfDiscoveries = (): Promise<Polo> =>
  startPolo({ accounts: 22, env: { POLO_TIME_SCALE: '0.005', POLO_ACCOUNT_TAGS: 'off' } });

export const storyOfDiscoveries = (polo: Polo, record: RecordHistory): Step[] => {
  const locked = () =>
    polo.client.workflow.start<() => Promise<DiscoverAccountsResult>>('discoverAccounts', {
      taskQueue: TASK_QUEUE,
      workflowId: DISCOVERY_WORKFLOW_ID,
    });
  /** Discovers the whole organization while something is wrong, and records how that ended. */
  const discoverAndRecord = async (name: string, faults: object): Promise<void> => {
    await polo.faults(faults);
    await (await locked()).result().catch(() => undefined);
    await polo.faults({});
    await record(name, DISCOVERY_WORKFLOW_ID);
  };
  const activeAccount = async (): Promise<string> =>
    (await polo.accounts()).find((row) => row.polo_status === 'active')?.account_id ?? '';

  return [
    [
      'discovers an organization whose accounts carry no paths',
      () => discoverAndRecord('discoveryWithoutPaths', { paths: false }),
    ],
    [
      'lists accounts by a token that expires, by a page that fails for good, and by a listing that lost most of them',
      async () => {
        // The second page, and again where the listing goes on with it: then it begins anew.
        const expired = { operation: 'ListAccounts', effect: 'error', code: 'InvalidInputException' };
        await discoverAndRecord('listingExpired', { rules: [{ ...expired, after: 1, times: 2 }] });
        await discoverAndRecord('listingFailed', { listing: { failAtPage: 3 } });
        await discoverAndRecord('listingShrunk', { listing: { keep: 0.3 } });
      },
    ],
    [
      'is itself what is wrong',
      async () => {
        await discoverAndRecord('hubCredentials', { hubCredentials: 'invalid' });
        await discoverAndRecord('wrongOrganization', { organizationId: 'o-someoneelse' });
        await polo.control('PATCH', '/settings', { externalId: 'another-one' });
        await discoverAndRecord('hubRefused', {});
        await polo.control('PATCH', '/settings', { externalId: SECRETS.externalId });
      },
    ],
    [
      'leaves a discovery of everybody to its cancellation, with batches under way',
      async () => {
        await polo.faults({ rules: [{ operation: 'AssumeRole', effect: 'latency', ms: 1_000 }] });
        const cancelled = await locked();
        await untilEvent(polo, DISCOVERY_WORKFLOW_ID, 'childWorkflowExecutionStarted');
        const batch = `${DISCOVERY_WORKFLOW_ID}/${cancelled.firstExecutionRunId}/batch-1`;
        await untilEvent(polo, batch, 'childWorkflowExecutionStarted');
        await cancelled.cancel();
        await cancelled.result().catch(() => undefined);
        await polo.faults({});
        await record('cancelledDiscovery', DISCOVERY_WORKFLOW_ID);
        await record('cancelledBatch', batch);
      },
    ],
    [
      'applies the commands of an account whose workflow somebody cancels',
      async () => {
        const accountId = await activeAccount();
        const workflowId = `account/${accountId}`;
        const roles = { operation: 'AssumeRole', accountId };
        await polo.faults({ rules: [{ ...roles, effect: 'latency', ms: 3_000 }] });
        const verified = polo.run('verifyAccount', { accountId });
        await untilEvent(polo, workflowId, 'activityTaskScheduled');
        const excluded = polo.run('excludeAccount', { accountId, reason: 'test', by: 'ann' });
        await untilEvent(polo, workflowId, 'workflowExecutionUpdateAccepted', 2);
        await polo.client.workflow.getHandle(workflowId).cancel();
        await Promise.all([verified, excluded]);
        await polo.faults({});
        await record('cancelledAccount', workflowId);
      },
    ],
  ];
};

/** The runs whose histories `recordHistories.ts` keeps of a ClickHouse that is away for longer than an account waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TASK_QUEUE, type DiscoverAccountsInput, type DiscoverAccountsResult } from '../../domain/contract.ts';
import { forgetCalls, type PoloOnServer } from './discovery.ts';
import { newAccount } from './onboarding.ts';
import type { RecordHistory, Step } from './stories.ts';
import { untilCalls } from './waiting.ts';

/** An account gives up after 42 s (`heldRegistry`). */
const AWAY_MS = 50_000;

export const storyOfOutage = (polo: PoloOnServer, record: RecordHistory): Step[] => [
  [
    'verifies a new account that can be registered and not be promoted, and hands the command over',
    async () => {
      await polo.discover();
      const accountId = await newAccount(polo, { roles: { read: 'works', action: 'works' } });
      await polo.faults({ rules: [{ operation: 'AssumeRole', effect: 'latency', ms: 1_000 }] });
      await forgetCalls(polo);
      const discovery = await polo.client.workflow.start<
        (input: DiscoverAccountsInput) => Promise<DiscoverAccountsResult>
      >('discoverAccounts', {
        taskQueue: TASK_QUEUE,
        workflowId: 'outage',
        args: [{ accountIds: [accountId], acceptRefusals: true }],
      });
      await untilCalls(polo, 'sts.AssumeRole', 1);
      await polo.clickhouse.kill();
      const { runId } = await polo.client.workflow.getHandle(`account/${accountId}`).describe();
      await sleep(AWAY_MS);
      await polo.clickhouse.start();
      await discovery.result();
      await record('atOnceWithoutRegistry', `account/${accountId}`, runId);
      await record('batchWithoutRegistry', `outage/${discovery.firstExecutionRunId}/batch-1`);
    },
  ],
  [
    'verifies an account, as a discovery does, whose registry is away when it begins',
    async () => {
      await polo.faults({});
      const [facts] = await polo.organization();
      const accountId = facts?.id ?? '';
      const origin = { workflowId: 'outage', runId: 'a-run', actor: 'discoverAccounts' };
      const listed = { ...facts, partition: 'aws', managementAccount: true };
      const command = { kind: 'verify', id: 'a-run/verify', origin, facts: listed, amongMany: true, atOnce: true };
      await polo.clickhouse.kill();
      const run = await polo.client.workflow.start('account', {
        taskQueue: TASK_QUEUE,
        workflowId: `account/${accountId}`,
        args: [command],
      });
      await sleep(2_000);
      await polo.clickhouse.start();
      await run.result();
      await record('atOnceFailed', `account/${accountId}`);
    },
  ],
];

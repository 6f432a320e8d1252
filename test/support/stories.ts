/**
 * The runs whose histories `recordHistories.ts` keeps: every workflow and its hard paths, as the stories of two Polos; those
 * of two more are in `discoveryStory.ts` and `outageStory.ts`. Each step goes on from what those before it have left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyCollection } from '../../domain/collection.ts';
import {
  onboardWorkflowId,
  REPORT_WORKFLOW_ID,
  TASK_QUEUE,
  type DiscoverAccountsInput,
  type DiscoverAccountsResult,
} from '../../domain/contract.ts';
import { forgetCalls } from './discovery.ts';
import { endOperationsSoon, newAccount, operationsOn, setStackSet } from './onboarding.ts';
import type { SoFar } from '../../workflows/collectionRun.ts';
import { collectionOf, startCollector } from './collector.ts';
import type { Polo } from './polo.ts';
import type { SlackServer } from './slack.ts';
import { until, untilCalls, untilEvent } from './waiting.ts';

/** Records a history under a name: that of the workflow's latest run, unless a run is named. */
export type RecordHistory = (name: string, workflowId: string, runId?: string) => Promise<void>;

/** What a step shows, and how it does that. */
export type Step = [shows: string, take: () => Promise<void>];

type Discovery = (input?: DiscoverAccountsInput) => Promise<DiscoverAccountsResult>;

/** Discovery, what operators ask for, onboarding and collection. */
export const storyOfAccounts = (polo: Polo, record: RecordHistory): Step[] => {
  const discovery = (workflowId: string, input: DiscoverAccountsInput) =>
    polo.client.workflow.start<Discovery>('discoverAccounts', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
  const runNamed = async (workflowId: string, input: DiscoverAccountsInput): Promise<{ runId: string }> => {
    const run = await discovery(workflowId, input);
    await run.result();
    return { runId: run.firstExecutionRunId };
  };
  const runAndRecord = async (name: string, type: string, input: unknown): Promise<void> => {
    await polo.run(type, input, name).catch(() => undefined);
    await record(name, name);
  };
  const idOf = async (name: string): Promise<string> =>
    (await polo.organization()).find((account) => account.name === name)?.id ?? '';
  /** Lets roles answer so slowly that others come meanwhile; counts anew how often they are asked. */
  const slowRoles = async (): Promise<void> => {
    await polo.faults({ rules: [{ operation: 'AssumeRole', effect: 'latency', ms: 1_000 }] });
    await forgetCalls(polo);
  };

  /** The child of the discovery whose id goes on like this. */
  const childOf = (runId: string, begin: string): Promise<string> =>
    until(async () => {
      const query = `WorkflowId STARTS_WITH 'discover-accounts/${runId}/${begin}'`;
      for await (const { workflowId } of polo.client.workflow.list({ query })) return workflowId;
      return undefined;
    });

  /** Starts an onboarding as a link to the Temporal UI does: by the id alone. */
  const onboarding = (accountId: string) =>
    polo.client.workflow.start('onboardAccount', { taskQueue: TASK_QUEUE, workflowId: onboardWorkflowId(accountId) });
  const onboardAndRecord = async (name: string, accountId: string): Promise<void> => {
    await (await onboarding(accountId)).result().catch(() => undefined);
    await record(name, onboardWorkflowId(accountId));
  };
  /** Starts an onboarding whose operation only a test ends, and waits until there is one. */
  const onboardForEver = async (accountId: string) => {
    await setStackSet(polo, { operationSeconds: 3_600 });
    const run = await onboarding(accountId);
    await untilWaiting(accountId);
    await endOperationsSoon(polo);
    return run;
  };
  /** Waits until a look at the operation has shown that it is not over. */
  const untilWaiting = (accountId: string): Promise<void> =>
    untilEvent(polo, onboardWorkflowId(accountId), 'timerStarted');
  const endOperationOn = async (accountId: string): Promise<void> => {
    const [operation] = await operationsOn(polo, accountId);
    await polo.control('PATCH', `/operations/${operation?.operationId ?? ''}`, { status: 'SUCCEEDED' });
  };

  return [
    ['asks the doctor before the first discovery', () => runAndRecord('checkSetupFirst', 'checkSetup', {})],
    [
      'discovers for the first time, by a run that delegates and one that joins',
      async () => {
        await slowRoles();
        const delegating = await discovery('delegating', {});
        await untilCalls(polo, 'sts.AssumeRole', 1);
        const joining = await discovery('joining', {});
        await Promise.all([delegating.result(), joining.result()]);
        await polo.faults({});
        const { runId } = await polo.client.workflow.getHandle('discover-accounts').describe();
        await record('firstDiscovery', 'discover-accounts', runId);
        await record('delegating', 'delegating');
        await record('joining', 'joining');
        await record('batch', `discover-accounts/${runId}/batch-1`);
        await record('tags', await childOf(runId, 'tags-'));
        await record('newAccount', `account/${await idOf('payments-production')}`);
        await record('suspendedAccount', `account/${await idOf('abandoned-experiment')}`);
        await record('setTags', `account/${await idOf('polo')}`);
      },
    ],
    [
      'looks twice at a refused account, which others change meanwhile',
      async () => {
        const accountId = await idOf('payments-production');
        await polo.change(accountId, { roles: { read: 'refused', action: 'refused' } });
        await polo.run('discoverAccounts', { accountIds: [accountId] }, 'secondLookDiscovery');
        await record('secondLookAtOnce', `account/${accountId}`);
        await record('namedDiscovery', 'secondLookDiscovery');
        await polo.change(accountId, { roles: { read: 'works', action: 'works' } });
        await slowRoles();
        const verifying = discovery('handOff', { accountIds: [accountId], acceptRefusals: true });
        await untilCalls(polo, 'sts.AssumeRole', 1);
        const handedOver = await discovery('handedOver', { accountIds: [accountId], acceptRefusals: true });
        await Promise.all([(await verifying).result(), handedOver.result()]);
        await polo.faults({});
        await record('handOff', `account/${accountId}`);
        await record('handedOverBatch', `handedOver/${handedOver.firstExecutionRunId}/batch-1`);
      },
    ],
    [
      'leaves a discovery to its cancellation',
      async () => {
        await slowRoles();
        const cancelled = await discovery('cancelled', { accountIds: [await idOf('polo')], acceptRefusals: true });
        await untilCalls(polo, 'sts.AssumeRole', 1);
        await cancelled.cancel();
        await cancelled.result().catch(() => undefined);
        await polo.faults({});
        await record('cancelled', 'cancelled');
      },
    ],
    [
      'handles an account that left',
      async () => {
        const accountId = await idOf('polo');
        await polo.change(accountId, { gone: true });
        await polo.run('discoverAccounts', {}, 'discover-accounts');
        await record('departure', 'discover-accounts');
        await record('departed', `account/${accountId}`);
      },
    ],
    [
      'does what operators ask for, and refuses what it does not understand',
      async () => {
        const accountId = await idOf('payments-production');
        await runAndRecord('dryRun', 'discoverAccounts', { dryRun: true, accountIds: [accountId] });
        await runAndRecord('verify', 'verifyAccount', { accountId });
        await runAndRecord('unknownAccount', 'verifyAccount', { accountId: '999999999999' });
        await runAndRecord('exclude', 'excludeAccount', { accountId, reason: 'test', by: 'ann', until: '2099-01-31' });
        await record('excludedAccount', `account/${accountId}`);
        await runAndRecord('include', 'includeAccount', { accountId, by: 'ann' });
        await runAndRecord('readAccounts', 'readRegistry', { what: 'accounts', limit: 5 });
        await runAndRecord('readCoverage', 'readRegistry', { what: 'coverage', limit: 5 });
        await runAndRecord('readSetup', 'readRegistry', { what: 'setup' });
        await runAndRecord('readHistory', 'readRegistry', { what: 'history', accountId, limit: 5 });
        await runAndRecord('invalidInput', 'discoverAccounts', { accountIds: ['42'], surprise: true });
      },
    ],
    [
      'asks the doctor when all is well, and when AWS denies what it is asked for',
      async () => {
        await polo.discover();
        await runAndRecord('checkSetup', 'checkSetup', {});
        await polo.control('PATCH', '/settings', { hub: 'member' });
        await runAndRecord('checkSetupDenied', 'checkSetup', {});
        await polo.control('PATCH', '/settings', { hub: 'management' });
      },
    ],
    [
      'onboards by an operation of its own, and has nothing to do the next time',
      async () => {
        await endOperationsSoon(polo);
        const accountId = await newAccount(polo);
        await polo.faults({ iamLagSeconds: 1 });
        await runAndRecord('onboardDelegating', 'onboardAccount', { accountId });
        await record('onboardPromoted', onboardWorkflowId(accountId));
        await polo.faults({});
        await onboardAndRecord('onboardAlreadyActive', accountId);
      },
    ],
    [
      'onboards by the operation of somebody else, for two who ask',
      async () => {
        const accountId = await newAccount(polo);
        await polo.control('POST', '/operations', { accountIds: [accountId], seconds: 3_600 });
        const first = await onboarding(accountId);
        await untilWaiting(accountId);
        const second = await polo.client.workflow.start('onboardAccount', {
          taskQueue: TASK_QUEUE,
          workflowId: 'onboardJoining',
          args: [{ accountId }],
        });
        await untilEvent(polo, 'onboardJoining', 'activityTaskScheduled', 2);
        await endOperationOn(accountId);
        await Promise.all([first.result(), second.result()]);
        await record('onboardJoinedOperation', onboardWorkflowId(accountId));
        await record('onboardJoining', 'onboardJoining');
      },
    ],
    [
      'onboards after a failure that passes, and not where it stays',
      async () => {
        const [busy, taken, refused] = [await newAccount(polo), await newAccount(polo), await newAccount(polo)];
        await polo.change(taken, { roles: { read: 'refused' } });
        await polo.faults({
          instances: [
            { accountId: busy, times: 1, detailedStatus: 'FAILED', statusReason: 'Rate exceeded' },
            { accountId: refused, roles: { read: 'refused' } },
          ],
        });
        await onboardAndRecord('onboardTriedAgain', busy);
        await onboardAndRecord('onboardRoleNameTaken', taken);
        await onboardAndRecord('onboardDeployedButRefused', refused);
        await polo.faults({});
        await setStackSet(polo, { exists: false });
        await onboardAndRecord('onboardStackSetMissing', await newAccount(polo));
        await setStackSet(polo, { exists: true });
      },
    ],
    [
      'onboards no longer than it has time or is wanted',
      async () => {
        const [late, unwanted] = [await newAccount(polo), await newAccount(polo)];
        const cancelled = await onboardForEver(unwanted);
        await cancelled.cancel();
        await cancelled.result().catch(() => undefined);
        await record('onboardCancelled', onboardWorkflowId(unwanted));
        await (await onboardForEver(late)).result().catch(() => undefined);
        await record('onboardDeadlinePassed', onboardWorkflowId(late));
      },
    ],
    [
      'onboards several, some of which it cannot',
      async () => {
        const accountIds = [await newAccount(polo), await newAccount(polo), '999999999999'];
        await runAndRecord('onboardSeveral', 'onboardAccounts', { accountIds, maxConcurrent: 2 });
        await newAccount(polo, { ou: '/Onboarded' });
        await polo.discover();
        await runAndRecord('onboardUnit', 'onboardAccounts', { orgUnit: '/Onboarded' });
      },
    ],
    [
      'collects across accounts, in one run and in a further one, by both names',
      async () => {
        const stopCollector = await startCollector(polo);
        const names = ['network', 'identity', 'search-production', 'payments-production', 'mobile-development'];
        const [well = '', failing = '', refusing = '', slow = '', pending = ''] = await Promise.all(names.map(idOf));
        await polo.change(refusing, { roles: { read: 'refused', action: 'refused' } });
        await runAndRecord(
          'collection',
          'collectAcrossAccounts',
          collectionOf({
            include: { accountIds: [well, failing, refusing, slow, pending] },
            maxConcurrent: 1,
            includeResults: true,
            input: {
              [failing]: { does: 'throw', message: 'no table' },
              [refusing]: { does: 'deny', message: 'refused' },
              [slow]: { does: 'sleep', ms: 1_500 },
            },
          }),
        );
        await record('scannedAccount', `account/${well}`);
        await record('failedScan', `account/${failing}`);
        await runAndRecord(
          'collectionByItsOtherName',
          'collect_across_accounts',
          collectionOf({ include: { accountIds: [well] }, recordScans: false }),
        );
        const soFar: SoFar = {
          after: [well, failing].sort()[0] ?? '',
          frame: {
            unmatched: [],
            allMatched: true,
            accountsAsOf: new Date().toISOString(),
            includeResults: false,
            startedAt: new Date().toISOString(),
          },
          tally: emptyCollection(),
          started: 1,
          firstTimeouts: 0,
        };
        const further = await polo.client.workflow.start('collectAcrossAccounts', {
          taskQueue: TASK_QUEUE,
          workflowId: 'furtherCollection',
          args: [collectionOf({ include: { accountIds: [well, failing] } }), soFar],
        });
        await further.result();
        await record('furtherCollection', 'furtherCollection');

        const cancelled = await polo.client.workflow.start('collectAcrossAccounts', {
          taskQueue: TASK_QUEUE,
          workflowId: 'cancelledCollection',
          args: [
            collectionOf({
              include: { accountIds: [well, failing, slow] },
              maxConcurrent: 2,
              input: { '*': { does: 'linger', ms: 100, succeeds: false } },
            }),
          ],
        });
        await untilEvent(polo, 'cancelledCollection', 'childWorkflowExecutionStarted', 2);
        await cancelled.cancel();
        await cancelled.result().catch(() => undefined);
        await record('cancelledCollection', 'cancelledCollection');
        await stopCollector();
      },
    ],
    [
      'gives up a collection whose task queue nobody polls',
      () => runAndRecord('stoppedCollection', 'collectAcrossAccounts', collectionOf({ taskQueue: 'nobody' })),
    ],
    [
      'discovers more new accounts than a batch has lanes, one of which it has to look at again',
      async () => {
        const accountIds: string[] = [];
        for (let added = 0; added < 50; added++)
          accountIds.push(await newAccount(polo, { roles: { read: 'works', action: 'works' } }));
        const [plain = '', throttled = ''] = accountIds;
        await polo.change(throttled, { assumeRole: 'throttle' });
        const { runId } = await runNamed('crowd', { accountIds, acceptRefusals: true });
        await record('batchBeyondItsLanes', `crowd/${runId}/batch-1`);
        await record('accountAtOnce', `account/${plain}`);
        await record('throttledAtOnce', `account/${throttled}`);
      },
    ],
  ];
};

/** Reports and digests; the worker has the Slack. */
export const storyOfReports = (polo: Polo, slack: SlackServer, record: RecordHistory): Step[] => {
  const report = async (name: string, workflowId = REPORT_WORKFLOW_ID): Promise<void> => {
    await polo.run('reportCoverage', {}, workflowId);
    await record(name, workflowId);
  };

  return [
    [
      'reports before the first discovery, after it, when nothing is new, and by a run that delegates',
      async () => {
        await report('reportNeverRan');
        await polo.discover();
        await report('report');
        await report('reportNoNews');
        await report('reportDelegating', 'reportDelegating');
      },
    ],
    [
      'verifies an account whose exclusion ended, and tells a Slack that throttles',
      async () => {
        const accountId = (await polo.accounts()).find((row) => row.polo_status === 'no_access')?.account_id ?? '';
        const until = new Date(Date.now() + 1_500).toISOString();
        await polo.run('excludeAccount', { accountId, reason: 'recorded', until, by: 'kim' });
        slack.behave({ status: 429, body: 'ratelimited', retryAfter: '1' }, 'well');
        await report('reportThrottled');
        await sleep(2_000);
        await report('reportExclusionEnded');
      },
    ],
    [
      'reports to a Slack that refuses, and writes digests',
      async () => {
        await polo.run('weeklyDigest', {}, 'digest');
        await record('digest', 'digest');
        await newAccount(polo);
        await polo.discover();
        slack.behave({ status: 404, body: 'no_service' });
        await report('reportRefused');
        await polo.run('weeklyDigest', {}, 'digestRefused');
        await record('digestRefused', 'digestRefused');
        await polo.run('weeklyDigest', { post: false }, 'digestNotPosted');
        await record('digestNotPosted', 'digestNotPosted');
      },
    ],
  ];
};

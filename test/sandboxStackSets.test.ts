import {
  DescribeStackInstanceCommand,
  DescribeStackSetCommand,
  DescribeStackSetOperationCommand,
  ListStackInstancesCommand,
  ListStackSetOperationResultsCommand,
} from '@aws-sdk/client-cloudformation';
import type { CallAs } from '@aws-sdk/client-cloudformation';
import { strict as assert } from 'node:assert';
import { clientsOf, refuses, withSandbox } from './sandboxClients.ts';

describe('sandbox: StackSets', () => {
  const StackSetName = 'demo-polo-roles';
  const of = (id: string, CallAs?: CallAs) =>
    new DescribeStackInstanceCommand({
      StackSetName,
      StackInstanceAccount: id,
      StackInstanceRegion: 'us-east-1',
      ...(CallAs && { CallAs }),
    });

  it(
    'describes the set, an instance and the operation that made it',
    withSandbox({}, async ({ cloudFormation, named }) => {
      const { StackSet } = await cloudFormation.send(new DescribeStackSetCommand({ StackSetName }));
      assert.ok(StackSet);
      assert.equal(StackSet.PermissionModel, 'SERVICE_MANAGED');
      assert.deepEqual(StackSet.ManagedExecution, { Active: true });
      const { StackInstance } = await cloudFormation.send(of((await named('legacy-billing')).id));
      assert.ok(StackInstance);
      assert.equal(StackInstance.Status, 'CURRENT');
      assert.equal(StackInstance.StackInstanceStatus?.DetailedStatus, 'SUCCEEDED');
      const OperationId = StackInstance.LastOperationId;
      const { StackSetOperation } = await cloudFormation.send(
        new DescribeStackSetOperationCommand({ StackSetName, OperationId }),
      );
      assert.ok(StackSetOperation);
      assert.equal(StackSetOperation.Status, 'SUCCEEDED');
      assert.ok(StackSetOperation.EndTimestamp instanceof Date);
    }),
  );

  it(
    'shows deployments that run and that failed',
    withSandbox({}, async ({ cloudFormation, named }) => {
      const running = (await cloudFormation.send(of((await named('checkout-staging')).id))).StackInstance;
      assert.deepEqual([running?.Status, running?.StackInstanceStatus?.DetailedStatus], ['OUTDATED', 'RUNNING']);
      const failed = (await cloudFormation.send(of((await named('fraud-detection-production')).id))).StackInstance;
      assert.deepEqual([failed?.Status, failed?.StackInstanceStatus?.DetailedStatus], ['OUTDATED', 'FAILED']);
      assert.match(failed?.StatusReason ?? '', /already exists/);
      const { Summaries } = await cloudFormation.send(
        new ListStackSetOperationResultsCommand({ StackSetName, OperationId: failed?.LastOperationId }),
      );
      assert.deepEqual(
        Summaries?.map(({ Account, Status }) => [Account, Status]),
        [[failed?.Account, 'FAILED']],
      );
    }),
  );

  it(
    'lists instances by pages of 100 and by filter',
    withSandbox({ accounts: 250 }, async ({ cloudFormation, accounts }) => {
      const ids: (string | undefined)[] = [];
      let NextToken: string | undefined;
      do {
        const page: { Summaries?: { Account?: string | undefined }[] | undefined; NextToken?: string | undefined } =
          await cloudFormation.send(new ListStackInstancesCommand({ StackSetName, ...(NextToken && { NextToken }) }));
        assert.ok((page.Summaries?.length ?? 0) <= 100);
        ids.push(...(page.Summaries?.map(({ Account }) => Account) ?? []));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      const deployed = (await accounts()).filter(({ instance }) => instance);
      assert.deepEqual(
        ids,
        deployed.map(({ id }) => id),
      );
      const running = await cloudFormation.send(
        new ListStackInstancesCommand({ StackSetName, Filters: [{ Name: 'DETAILED_STATUS', Values: 'RUNNING' }] }),
      );
      assert.deepEqual(
        running.Summaries?.map(({ Account }) => Account),
        deployed.filter(({ instance }) => instance?.detailedStatus === 'RUNNING').map(({ id }) => id),
      );
      await refuses(
        cloudFormation.send(new ListStackInstancesCommand({ StackSetName, MaxResults: 101 })),
        'ValidationError',
      );
    }),
  );

  it(
    'names what is not there as CloudFormation does',
    withSandbox({}, async ({ url, cloudFormation, named, settings }) => {
      const { id } = await named('polo');
      const none = (await named('payments-development')).id;
      await refuses(cloudFormation.send(of(none)), 'StackInstanceNotFoundException', 404);
      await refuses(
        cloudFormation.send(new DescribeStackSetOperationCommand({ StackSetName, OperationId: 'none' })),
        'OperationNotFoundException',
        404,
      );
      await refuses(
        cloudFormation.send(new DescribeStackSetCommand({ StackSetName: 'x' })),
        'StackSetNotFoundException',
        404,
      );
      const elsewhere = clientsOf(url, {}, 'eu-west-1');
      await refuses(elsewhere.cloudFormation.send(of(id)), 'StackSetNotFoundException', 404);
      await settings({ stackSet: { exists: false } });
      await refuses(cloudFormation.send(of(id)), 'StackSetNotFoundException', 404);
    }),
  );

  it(
    'shows the set only to the caller mode that fits the hub',
    withSandbox({}, async ({ cloudFormation, named, settings }) => {
      const { id } = await named('payments-production');
      await cloudFormation.send(of(id, 'SELF'));
      await refuses(cloudFormation.send(of(id, 'DELEGATED_ADMIN')), 'ValidationError', 400);
      await settings({ hub: 'delegated' });
      await cloudFormation.send(of(id, 'DELEGATED_ADMIN'));
      await refuses(cloudFormation.send(of(id)), 'StackSetNotFoundException', 404);
    }),
  );
});

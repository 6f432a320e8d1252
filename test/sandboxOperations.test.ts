import {
  CreateStackInstancesCommand,
  DescribeStackSetOperationCommand,
  ListStackSetOperationResultsCommand,
} from '@aws-sdk/client-cloudformation';
import type { CreateStackInstancesCommandInput, DeploymentTargets } from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { refuses, withSandbox } from './sandboxClients.ts';
import type { ShownAccount, TestSandbox } from './sandboxClients.ts';

const StackSetName = 'demo-polo-roles';
const FAST = { operationSeconds: 0.05 };
/** For operations that a test looks at while they are under way. */
const ENDLESS = { operationSeconds: 1e9 };

/** An operation as `GET /_sandbox/operations` tells it. */
interface ShownOperation {
  operationId: string;
  action: string;
  status: string;
  createdAt: string;
  endedAt: string | null;
  by: string;
  results: { accountId: string; status: string; reason?: string }[];
}

const rootOf = async ({ control }: TestSandbox): Promise<string> =>
  (await control<{ rootId: string }>('GET', 'settings')).json.rootId;

const create = ({ cloudFormation }: TestSandbox, input: Partial<CreateStackInstancesCommandInput>) =>
  cloudFormation.send(new CreateStackInstancesCommand({ StackSetName, Regions: ['us-east-1'], ...input }));

/** Deploys onto exactly these accounts, as AWS's documentation has it; returns the operation's id. */
const deploy = async (
  sandbox: TestSandbox,
  accountIds: string[],
  more: Partial<CreateStackInstancesCommandInput> = {},
): Promise<string> => {
  const OrganizationalUnitIds = [await rootOf(sandbox)];
  const DeploymentTargets = { OrganizationalUnitIds, Accounts: accountIds, AccountFilterType: 'INTERSECTION' } as const;
  const { OperationId } = await create(sandbox, { DeploymentTargets, ...more });
  assert.ok(OperationId);
  return OperationId;
};

const statusOf = async ({ cloudFormation }: TestSandbox, OperationId: string): Promise<string | undefined> =>
  (await cloudFormation.send(new DescribeStackSetOperationCommand({ StackSetName, OperationId }))).StackSetOperation
    ?.Status;

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await sleep(10);
};

/** Waits until an operation has ended; returns what it ended in. */
const ended = async (sandbox: TestSandbox, operationId: string): Promise<string> => {
  let status: string | undefined;
  await until(async () => {
    status = await statusOf(sandbox, operationId);
    return !['QUEUED', 'RUNNING'].includes(status ?? '');
  });
  return status ?? '';
};

const resultsOf = async ({ cloudFormation }: TestSandbox, OperationId: string): Promise<Record<string, string>> => {
  const command = new ListStackSetOperationResultsCommand({ StackSetName, OperationId });
  const { Summaries = [] } = await cloudFormation.send(command);
  return Object.fromEntries(Summaries.map(({ Account, Status }) => [Account, Status] as const)) as Record<
    string,
    string
  >;
};

const operationsOf = async ({ control }: TestSandbox): Promise<ShownOperation[]> =>
  (await control<ShownOperation[]>('GET', 'operations')).json;

const end = async ({ control }: TestSandbox, operationId: string, status: string): Promise<number> =>
  (await control('PATCH', `operations/${operationId}`, { status })).status;

const shown = async ({ control }: TestSandbox, id: string): Promise<ShownAccount> =>
  (await control<ShownAccount>('GET', `accounts/${id}`)).json;

const instanceOf = async (sandbox: TestSandbox, id: string): Promise<string> => {
  const { instance } = await shown(sandbox, id);
  return instance ? `${instance.status}/${instance.detailedStatus}` : 'none';
};

const assume = ({ sts }: TestSandbox, id: string, role = 'demo-PoloReadRole') =>
  sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${id}:role/${role}`, RoleSessionName: 'polo-verify' }));

describe('sandbox: CreateStackInstances', () => {
  it(
    'deploys the roles into one account, which then lets the hub in',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await refuses(assume(sandbox, id), 'AccessDenied', 403);
      const operationId = await deploy(sandbox, [id], { OperationId: 'polo-onboard-1' });
      assert.equal(operationId, 'polo-onboard-1');
      assert.equal(await ended(sandbox, operationId), 'SUCCEEDED');
      assert.deepEqual(await resultsOf(sandbox, operationId), { [id]: 'SUCCEEDED' });
      const { instance, expected } = await shown(sandbox, id);
      assert.deepEqual([instance?.status, instance?.detailedStatus], ['CURRENT', 'SUCCEEDED']);
      assert.equal(instance?.operationId, operationId);
      assert.match(instance.stackId ?? '', new RegExp(`^arn:aws:cloudformation:us-east-1:${id}:stack/`));
      assert.equal(expected?.polo_status, 'active');
      await assume(sandbox, id);
      await assume(sandbox, id, 'polo-action-role');
    }),
  );

  it(
    'runs before it succeeds, and is queued first where told so',
    withSandbox({ ...ENDLESS, queuedSeconds: 1e9 }, async (sandbox) => {
      const first = (await sandbox.named('payments-development')).id;
      const queued = await deploy(sandbox, [first]);
      assert.equal(await statusOf(sandbox, queued), 'QUEUED');
      assert.equal(await instanceOf(sandbox, first), 'OUTDATED/PENDING');
      assert.deepEqual(await resultsOf(sandbox, queued), { [first]: 'PENDING' });
      await sandbox.settings({ stackSet: { queuedSeconds: 0 } });
      const second = (await sandbox.named('mobile-development')).id;
      const running = await deploy(sandbox, [second]);
      assert.equal(await statusOf(sandbox, running), 'RUNNING');
      assert.equal(await instanceOf(sandbox, second), 'OUTDATED/RUNNING');
      assert.deepEqual(await resultsOf(sandbox, running), { [second]: 'RUNNING' });
      await refuses(assume(sandbox, second), 'AccessDenied');
    }),
  );

  it(
    'comes out of the queue by itself',
    withSandbox({ ...FAST, queuedSeconds: 0.05 }, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      assert.equal(await ended(sandbox, await deploy(sandbox, [id])), 'SUCCEEDED');
      assert.equal(await instanceOf(sandbox, id), 'CURRENT/SUCCEEDED');
    }),
  );

  it(
    'takes service-managed targets only',
    withSandbox(FAST, async (sandbox) => {
      const { id, ouId } = await sandbox.named('payments-development');
      const root = await rootOf(sandbox);
      const targets = (given: DeploymentTargets) => create(sandbox, { DeploymentTargets: given });
      for (const call of [
        () => create(sandbox, { Accounts: [id] }),
        () => create(sandbox, { Accounts: [id], DeploymentTargets: { OrganizationalUnitIds: [root] } }),
        () => targets({ Accounts: [id], AccountFilterType: 'INTERSECTION' }),
        () => targets({ OrganizationalUnitIds: [root], Accounts: [id] }),
        () => targets({ OrganizationalUnitIds: [root], Accounts: [id], AccountFilterType: 'UNION' }),
        () => targets({ OrganizationalUnitIds: [root], AccountFilterType: 'INTERSECTION' }),
        () => targets({ OrganizationalUnitIds: [root], Accounts: ['12'], AccountFilterType: 'INTERSECTION' }),
        () => targets({ OrganizationalUnitIds: [root, 'ou-none-00000000'] }),
        () => deploy(sandbox, [id], { Regions: [] }),
        () => deploy(sandbox, [id], { Regions: ['us-east-1', 'eu-west-1'] }),
        () => deploy(sandbox, [id], { OperationId: '-a' }),
        () => deploy(sandbox, [id], { OperationId: 'a/b' }),
        () => deploy(sandbox, [id], { OperationId: 'a'.repeat(129) }),
        () => deploy(sandbox, [id], { OperationPreferences: { FailureToleranceCount: -1 } }),
        () => deploy(sandbox, [id], { OperationPreferences: { MaxConcurrentCount: 0 } }),
        () => deploy(sandbox, [id], { CallAs: 'DELEGATED_ADMIN' }),
        () =>
          deploy(sandbox, [id], {
            OperationPreferences: { FailureToleranceCount: 1, FailureTolerancePercentage: 1 },
          }),
      ]) {
        await refuses(call(), 'ValidationError', 400);
      }
      await assert.rejects(create(sandbox, { Accounts: [id] }), {
        message: 'OrganizationalUnitIds should be specified in SERVICE_MANAGED mode',
      });
      await refuses(deploy(sandbox, [id], { StackSetName: 'other' }), 'StackSetNotFoundException', 404);
      assert.deepEqual(
        (await operationsOf(sandbox)).filter(({ by }) => by === 'caller'),
        [],
      );
      const { OperationId = '' } = await targets({ OrganizationalUnitIds: [ouId] });
      assert.equal(await ended(sandbox, OperationId), 'SUCCEEDED');
    }),
  );

  it(
    'reaches the accounts of units as the filter type says, never the management account nor one that left',
    withSandbox(FAST, async (sandbox) => {
      const accounts = await sandbox.accounts();
      const below = (path: string): string[] =>
        accounts.filter(({ ou }) => ou === path || ou.startsWith(`${path}/`)).map(({ id }) => id);
      const { id, ouId } = await sandbox.named('payments-production');
      const management = accounts.find(({ managementAccount }) => managementAccount)?.id ?? '';
      const left = (await sandbox.named('network')).id;
      await sandbox.patch(left, { gone: true });
      const OrganizationalUnitIds = [ouId];
      const reached = async (DeploymentTargets: DeploymentTargets): Promise<string[]> => {
        const { OperationId = '' } = await create(sandbox, {
          DeploymentTargets,
          OperationPreferences: { FailureTolerancePercentage: 100 },
        });
        assert.equal(await ended(sandbox, OperationId), 'SUCCEEDED');
        return Object.keys(await resultsOf(sandbox, OperationId)).sort();
      };
      const production = below('/Workloads/Production').sort();
      assert.ok(production.length > 5);
      assert.deepEqual(await reached({ OrganizationalUnitIds }), production);
      assert.deepEqual(await reached({ OrganizationalUnitIds, AccountFilterType: 'NONE' }), production);
      assert.deepEqual(
        await reached({ OrganizationalUnitIds, AccountFilterType: 'DIFFERENCE', Accounts: [id] }),
        production.filter((other) => other !== id),
      );
      const elsewhere = (await sandbox.named('polo')).id;
      const Accounts = [id, elsewhere];
      assert.deepEqual(await reached({ OrganizationalUnitIds, AccountFilterType: 'INTERSECTION', Accounts }), [id]);
      const root = [await rootOf(sandbox)];
      const nobody = [management, left, '999999999999'];
      assert.deepEqual(
        await reached({ OrganizationalUnitIds: root, AccountFilterType: 'INTERSECTION', Accounts: nobody }),
        [],
      );
      assert.equal(await instanceOf(sandbox, management), 'none');
    }),
  );

  it(
    'fails where a role of that name is there already, in words that name it',
    withSandbox(FAST, async (sandbox) => {
      const [first, second] = [await sandbox.named('payments-development'), await sandbox.named('mobile-development')];
      await sandbox.patch(first.id, { roles: { read: 'refused' } });
      await sandbox.patch(second.id, { roles: { action: 'works' } });
      for (const [{ id }, role] of [
        [first, 'demo-PoloReadRole'],
        [second, 'polo-action-role'],
      ] as const) {
        const operationId = await deploy(sandbox, [id]);
        assert.equal(await ended(sandbox, operationId), 'FAILED');
        assert.deepEqual(await resultsOf(sandbox, operationId), { [id]: 'FAILED' });
        const { instance } = await shown(sandbox, id);
        assert.deepEqual([instance?.status, instance?.detailedStatus], ['OUTDATED', 'FAILED']);
        assert.match(
          instance?.statusReason ?? '',
          new RegExp(`^ResourceLogicalId:.*"Role with name ${role} already exists`),
        );
      }
      await sandbox.patch(first.id, { roles: { read: 'missing' } });
      assert.equal(await ended(sandbox, await deploy(sandbox, [first.id])), 'SUCCEEDED');
      assert.equal((await shown(sandbox, first.id)).expected?.polo_status, 'active');
    }),
  );

  it(
    'makes no action role where none is configured',
    withSandbox({ ...FAST, actionRole: 'none' }, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await ended(sandbox, await deploy(sandbox, [id]));
      assert.deepEqual((await shown(sandbox, id)).roles, { read: 'works', action: 'missing' });
    }),
  );

  it(
    'leaves deployed accounts as they are, even with a role deleted',
    withSandbox(FAST, async (sandbox) => {
      const before = await sandbox.named('media-encoding');
      const operationId = await deploy(sandbox, [before.id]);
      assert.equal(await ended(sandbox, operationId), 'SUCCEEDED');
      assert.deepEqual(await resultsOf(sandbox, operationId), { [before.id]: 'SUCCEEDED' });
      assert.deepEqual(await sandbox.named('media-encoding'), before);
    }),
  );

  it(
    'skips accounts that nobody can use and counts them as fine',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('new-joiners');
      const operationId = await deploy(sandbox, [id]);
      assert.equal(await ended(sandbox, operationId), 'SUCCEEDED');
      assert.deepEqual(await resultsOf(sandbox, operationId), { [id]: 'SUCCEEDED' });
      const { instance, roles } = await shown(sandbox, id);
      assert.deepEqual([instance?.status, instance?.detailedStatus], ['OUTDATED', 'SKIPPED_SUSPENDED_ACCOUNT']);
      assert.equal(instance?.stackId, undefined);
      assert.equal(roles.read, 'missing');
    }),
  );

  it(
    'fails the operation only where more accounts failed than it tolerates',
    withSandbox(FAST, async (sandbox) => {
      const good = (await sandbox.named('payments-development')).id;
      const bad = (await sandbox.named('mobile-development')).id;
      await sandbox.patch(bad, { roles: { read: 'works' } });
      for (const [OperationPreferences, status] of [
        [{}, 'FAILED'],
        [{ FailureToleranceCount: 1 }, 'SUCCEEDED'],
        [{ FailureTolerancePercentage: 50 }, 'SUCCEEDED'],
        [{ FailureTolerancePercentage: 49 }, 'FAILED'],
      ] as const) {
        const operationId = await deploy(sandbox, [good, bad], { OperationPreferences });
        assert.equal(await ended(sandbox, operationId), status, JSON.stringify(OperationPreferences));
        assert.deepEqual(await resultsOf(sandbox, operationId), { [good]: 'SUCCEEDED', [bad]: 'FAILED' });
      }
    }),
  );

  it(
    'gives the roles only after the lag of IAM',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await sandbox.faults({ iamLagSeconds: 3600 });
      await ended(sandbox, await deploy(sandbox, [id]));
      await refuses(assume(sandbox, id), 'AccessDenied', 403);
      await sandbox.faults({});
      await assume(sandbox, id);
    }),
  );

  it(
    'fails for an account that leaves meanwhile',
    withSandbox(ENDLESS, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      const operationId = await deploy(sandbox, [id]);
      await sandbox.patch(id, { gone: true });
      await end(sandbox, operationId, 'SUCCEEDED');
      assert.deepEqual(await resultsOf(sandbox, operationId), { [id]: 'FAILED' });
      await sandbox.patch(id, { gone: false });
      assert.equal(await instanceOf(sandbox, id), 'none');
    }),
  );

  it(
    'lets a delegated administrator deploy, as such only',
    withSandbox({ ...FAST, hub: 'delegated' }, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await refuses(deploy(sandbox, [id]), 'StackSetNotFoundException', 404);
      const operationId = await deploy(sandbox, [id], { CallAs: 'DELEGATED_ADMIN' });
      await until(async () => (await instanceOf(sandbox, id)) === 'CURRENT/SUCCEEDED');
      assert.equal((await shown(sandbox, id)).instance?.operationId, operationId);
    }),
  );
});

describe('sandbox: operations side by side', () => {
  it(
    'takes an operation id once, whatever is under way',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      const operationId = await deploy(sandbox, [id], { OperationId: 'once' });
      await refuses(deploy(sandbox, [id], { OperationId: 'once' }), 'OperationIdAlreadyExistsException', 409);
      await sandbox.settings({ stackSet: { managedExecution: false } });
      await refuses(deploy(sandbox, [id], { OperationId: 'once' }), 'OperationIdAlreadyExistsException', 409);
      assert.equal(await ended(sandbox, operationId), 'SUCCEEDED');
      await refuses(deploy(sandbox, [id], { OperationId: 'once' }), 'OperationIdAlreadyExistsException', 409);
    }),
  );

  it(
    'without ManagedExecution runs one at a time',
    withSandbox(ENDLESS, async (sandbox) => {
      await sandbox.settings({ stackSet: { managedExecution: false } });
      const { id } = await sandbox.named('payments-development');
      const other = (await sandbox.named('mobile-development')).id;
      await refuses(deploy(sandbox, [id]), 'OperationInProgressException', 409);
      const generated = (await sandbox.named('checkout-staging')).instance?.operationId ?? '';
      assert.equal(await end(sandbox, generated, 'SUCCEEDED'), 200);
      const operationId = await deploy(sandbox, [id]);
      await refuses(deploy(sandbox, [other]), 'OperationInProgressException', 409);
      assert.equal((await sandbox.control('POST', 'operations', { accountIds: [other] })).status, 409);
      assert.equal(await end(sandbox, operationId, 'STOPPED'), 200);
      await deploy(sandbox, [other]);
    }),
  );

  it(
    'with ManagedExecution queues what shares an account and runs the rest',
    withSandbox(ENDLESS, async (sandbox) => {
      const first = (await sandbox.named('payments-development')).id;
      const second = (await sandbox.named('mobile-development')).id;
      const third = (await sandbox.named('fraud-detection-production')).id;
      const running = await deploy(sandbox, [first]);
      const both = await deploy(sandbox, [first, second]);
      const behind = await deploy(sandbox, [second]);
      const beside = await deploy(sandbox, [third]);
      const statuses = async (): Promise<string> =>
        (await Promise.all([running, both, behind, beside].map((id) => statusOf(sandbox, id)))).join();
      assert.equal(await statuses(), 'RUNNING,QUEUED,QUEUED,RUNNING');
      assert.equal(await instanceOf(sandbox, first), 'OUTDATED/RUNNING');
      assert.equal(await instanceOf(sandbox, second), 'OUTDATED/PENDING');
      assert.equal(await end(sandbox, both, 'SUCCEEDED'), 409);
      await end(sandbox, running, 'SUCCEEDED');
      assert.equal(await statuses(), 'SUCCEEDED,RUNNING,QUEUED,RUNNING');
      assert.equal(await instanceOf(sandbox, first), 'CURRENT/SUCCEEDED');
      await end(sandbox, both, 'FAILED');
      assert.equal(await statuses(), 'SUCCEEDED,FAILED,RUNNING,RUNNING');
      assert.equal(await instanceOf(sandbox, first), 'CURRENT/SUCCEEDED');
      assert.equal(await instanceOf(sandbox, second), 'OUTDATED/RUNNING');
    }),
  );

  it(
    'leaves an account alone when what waits for it is stopped',
    withSandbox(ENDLESS, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      const running = await deploy(sandbox, [id]);
      const waiting = await deploy(sandbox, [id]);
      assert.equal(await end(sandbox, waiting, 'STOPPED'), 200);
      assert.deepEqual(await resultsOf(sandbox, waiting), { [id]: 'CANCELLED' });
      assert.equal(await instanceOf(sandbox, id), 'OUTDATED/RUNNING');
      assert.equal(await statusOf(sandbox, running), 'RUNNING');
    }),
  );

  it(
    'runs hundreds at once',
    withSandbox({ ...FAST, accounts: 500 }, async (sandbox) => {
      const targets = (await sandbox.accounts()).filter(({ managementAccount }) => !managementAccount);
      for (const { id } of targets) {
        const { status } = await sandbox.control('POST', 'operations', { accountIds: [id] });
        assert.equal(status, 201);
      }
      const made = async () => (await operationsOf(sandbox)).filter(({ by }) => by === 'control');
      const waiting = targets.filter(({ instance }) => instance?.operationStatus === 'RUNNING').length;
      await until(async () => (await made()).filter(({ endedAt }) => endedAt === null).length === waiting);
      assert.equal((await made()).length, targets.length);
    }),
  );
});

describe('sandbox: control of operations', () => {
  it(
    "plays somebody else's deployment",
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      const other = (await sandbox.named('mobile-development')).id;
      const started = await sandbox.control<{ operationId: string }>('POST', 'operations', {
        accountIds: [id, other],
        seconds: 1e9,
        operationId: 'theirs',
      });
      assert.deepEqual([started.status, started.json], [201, { operationId: 'theirs' }]);
      const ours = await deploy(sandbox, [id]);
      assert.equal(await statusOf(sandbox, 'theirs'), 'RUNNING');
      assert.equal(await statusOf(sandbox, ours), 'QUEUED');
      const all = await operationsOf(sandbox);
      assert.ok(all.every(({ operationId }) => operationId !== 'first-rollout'));
      const [theirs, mine] = all.slice(-2);
      assert.deepEqual(
        [theirs?.by, theirs?.action, theirs?.status, theirs?.endedAt, mine?.by],
        ['control', 'CREATE', 'RUNNING', null, 'caller'],
      );
      assert.deepEqual(theirs?.results, [
        { accountId: id, status: 'RUNNING' },
        { accountId: other, status: 'RUNNING' },
      ]);
      await end(sandbox, 'theirs', 'SUCCEEDED');
      assert.equal(await ended(sandbox, ours), 'SUCCEEDED');
    }),
  );

  for (const [status, result, instance, read] of [
    ['SUCCEEDED', 'SUCCEEDED', 'CURRENT/SUCCEEDED', 'works'],
    ['FAILED', 'FAILED', 'OUTDATED/FAILED', 'missing'],
    ['STOPPED', 'CANCELLED', 'OUTDATED/CANCELLED', 'missing'],
  ] as const) {
    it(
      `ends an operation at once: ${status}`,
      withSandbox(ENDLESS, async (sandbox) => {
        const { id } = await sandbox.named('payments-development');
        const operationId = await deploy(sandbox, [id]);
        const changed = await sandbox.control<ShownOperation>('PATCH', `operations/${operationId}`, { status });
        assert.deepEqual([changed.status, changed.json.status], [200, status]);
        assert.ok(changed.json.endedAt);
        assert.equal(await statusOf(sandbox, operationId), status);
        assert.deepEqual(await resultsOf(sandbox, operationId), { [id]: result });
        assert.equal(await instanceOf(sandbox, id), instance);
        assert.equal((await shown(sandbox, id)).roles.read, read);
        assert.equal(await end(sandbox, operationId, status), 409);
      }),
    );
  }

  it(
    'ends the operation of an instance that is changed by hand, with its last account',
    withSandbox(ENDLESS, async (sandbox) => {
      const first = (await sandbox.named('payments-development')).id;
      const second = (await sandbox.named('mobile-development')).id;
      const alone = await deploy(sandbox, [first]);
      await sandbox.patch(first, { instance: { detailedStatus: 'FAILED', statusReason: 'by hand' } });
      assert.equal(await statusOf(sandbox, alone), 'FAILED');
      assert.deepEqual(await resultsOf(sandbox, alone), { [first]: 'FAILED' });
      assert.equal(await instanceOf(sandbox, first), 'OUTDATED/FAILED');
      const both = await deploy(sandbox, [first, second]);
      await sandbox.patch(first, { instance: { status: 'CURRENT' } });
      assert.equal(await statusOf(sandbox, both), 'RUNNING');
      await sandbox.patch(second, { instance: { status: 'OUTDATED', operationStatus: 'SUCCEEDED' } });
      assert.equal(await statusOf(sandbox, both), 'SUCCEEDED');
      assert.deepEqual(await resultsOf(sandbox, both), { [first]: 'SUCCEEDED', [second]: 'FAILED' });
      const { id, instance } = await sandbox.named('checkout-staging');
      await sandbox.patch(id, { instance: null });
      assert.equal(await statusOf(sandbox, instance?.operationId ?? ''), 'STOPPED');
      assert.equal(await instanceOf(sandbox, id), 'none');
    }),
  );

  it(
    'makes deployments wait for an instance that is set to RUNNING by hand',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await sandbox.patch(id, { instance: { detailedStatus: 'RUNNING' } });
      const operationId = await deploy(sandbox, [id]);
      assert.equal(await statusOf(sandbox, operationId), 'QUEUED');
      await sandbox.patch(id, { instance: { detailedStatus: 'RUNNING' } });
      assert.equal(await statusOf(sandbox, operationId), 'QUEUED');
      await sandbox.patch(id, { instance: { detailedStatus: 'FAILED' } });
      assert.equal(await ended(sandbox, operationId), 'SUCCEEDED');
      assert.equal(await instanceOf(sandbox, id), 'CURRENT/SUCCEEDED');
    }),
  );

  it(
    'refuses what it does not understand, in words',
    withSandbox({}, async ({ control, accounts, named }) => {
      const { id } = await named('polo');
      const management = (await accounts())[0]?.id;
      for (const [expected, method, path, body] of [
        [404, 'POST', 'operations', { accountIds: ['999999999999'] }],
        [400, 'POST', 'operations', { accountIds: [management] }],
        [400, 'POST', 'operations', { accountIds: [] }],
        [400, 'POST', 'operations', { accountIds: [id], operationId: 'a b' }],
        [409, 'POST', 'operations', { accountIds: [id], operationId: 'first-rollout' }],
        [404, 'PATCH', 'operations/none', { status: 'FAILED' }],
        [400, 'PATCH', 'operations/first-rollout', { status: 'RUNNING' }],
        [400, 'PATCH', 'settings', { stackSet: { operationSeconds: -1 } }],
        [400, 'PUT', 'faults', { instances: [{ none: true, status: 'CURRENT' }] }],
        [400, 'PUT', 'faults', { instances: [{ detailedStatus: 'ODD' }] }],
      ] as const) {
        const { status, json } = await control<{ message: string }>(method, path, body);
        assert.equal(status, expected, `${method} ${path}: ${json.message}`);
      }
    }),
  );

  it(
    'logs whom a deployment is for and which operation is asked about',
    withSandbox({ operationSeconds: 0 }, async (sandbox) => {
      const first = (await sandbox.named('payments-development')).id;
      const second = (await sandbox.named('mobile-development')).id;
      await sandbox.faults({
        rules: [{ operation: 'CreateStackInstances', accountId: first, times: 1, effect: 'lose' }],
      });
      await deploy(sandbox, [first, second], { OperationId: 'both' });
      await assert.rejects(deploy(sandbox, [first], { OperationId: 'lost' }));
      assert.equal(await ended(sandbox, 'lost'), 'SUCCEEDED');
      const { recent } = (await sandbox.control<{ recent: object[] }>('GET', 'calls')).json;
      const told = recent.map((call) => ({ operationId: '', accountId: '', accountIds: [], outcome: '', ...call }));
      assert.deepEqual(
        told
          .slice(0, 3)
          .map(({ operationId, accountId, accountIds, outcome }) => [operationId, accountId, accountIds, outcome]),
        [
          ['both', '', [first, second], 'ok'],
          ['lost', first, [first], 'lost'],
          ['lost', '', [], 'ok'],
        ],
      );
    }),
  );
});

describe('sandbox: deployments that go wrong', () => {
  it(
    'fails as often as told, in these words',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      const other = (await sandbox.named('mobile-development')).id;
      const fault = { accountId: id, times: 1, detailedStatus: 'FAILED', statusReason: 'no such luck' };
      await sandbox.faults({ instances: [fault] });
      const operationId = await deploy(sandbox, [id, other]);
      assert.equal(await ended(sandbox, operationId), 'FAILED');
      assert.deepEqual(await resultsOf(sandbox, operationId), { [id]: 'FAILED', [other]: 'SUCCEEDED' });
      const { instance, roles } = await shown(sandbox, id);
      assert.deepEqual([instance?.status, instance?.statusReason, roles.read], ['OUTDATED', 'no such luck', 'missing']);
      assert.equal(await ended(sandbox, await deploy(sandbox, [id])), 'SUCCEEDED');
      assert.equal(await instanceOf(sandbox, id), 'CURRENT/SUCCEEDED');
    }),
  );

  for (const [fault, operation, instance] of [
    [{ detailedStatus: 'FAILED', operationStatus: 'SUCCEEDED' }, 'SUCCEEDED', 'OUTDATED/FAILED'],
    [{ detailedStatus: 'CANCELLED' }, 'STOPPED', 'OUTDATED/CANCELLED'],
    [{ detailedStatus: 'INOPERABLE' }, 'FAILED', 'INOPERABLE/INOPERABLE'],
    [{ detailedStatus: 'SKIPPED_SUSPENDED_ACCOUNT' }, 'SUCCEEDED', 'OUTDATED/SKIPPED_SUSPENDED_ACCOUNT'],
    [{ detailedStatus: 'SUCCEEDED', status: 'OUTDATED' }, 'SUCCEEDED', 'OUTDATED/SUCCEEDED'],
    [{ operationStatus: 'STOPPED' }, 'STOPPED', 'CURRENT/SUCCEEDED'],
    [{ none: true }, 'SUCCEEDED', 'none'],
  ] as const) {
    it(
      `comes to ${JSON.stringify(fault)}`,
      withSandbox(FAST, async (sandbox) => {
        const { id } = await sandbox.named('payments-development');
        await sandbox.faults({ instances: [fault] });
        assert.equal(await ended(sandbox, await deploy(sandbox, [id])), operation);
        assert.equal(await instanceOf(sandbox, id), instance);
        assert.equal((await shown(sandbox, id)).roles.read, instance.startsWith('CURRENT') ? 'works' : 'missing');
      }),
    );
  }

  it(
    'leaves roles as told',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await sandbox.faults({ instances: [{ roles: { action: 'refused' } }] });
      assert.equal(await ended(sandbox, await deploy(sandbox, [id])), 'SUCCEEDED');
      assert.deepEqual((await shown(sandbox, id)).roles, { read: 'works', action: 'refused' });
      assert.equal((await shown(sandbox, id)).expected?.rule, 6);
    }),
  );

  it(
    'gets an INOPERABLE instance no further',
    withSandbox(FAST, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await sandbox.patch(id, { instance: { status: 'INOPERABLE' } });
      assert.equal(await ended(sandbox, await deploy(sandbox, [id])), 'FAILED');
      assert.equal(await instanceOf(sandbox, id), 'INOPERABLE/INOPERABLE');
    }),
  );
});

import { DescribeStackSetCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { strict as assert } from 'node:assert';
import { HUB, listAll, refuses, withSandbox } from './sandboxClients.ts';
import type { TestSandbox } from './sandboxClients.ts';

interface Calls {
  total: number;
  operations: Record<string, number>;
  errors: Record<string, number>;
  inFlight: Record<string, number>;
  maxInFlight: Record<string, number>;
  recent: { operation: string; accountId?: string; outcome: string; externalIdGiven?: boolean; accessKeyId: string }[];
}

const calls = async ({ control }: TestSandbox): Promise<Calls> => (await control<Calls>('GET', 'calls')).json;

const assume = ({ sts }: TestSandbox, id: string, roleName = 'demo-PoloReadRole', abortSignal?: AbortSignal) =>
  sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${id}:role/${roleName}`, RoleSessionName: 'polo-verify' }),
    abortSignal ? { abortSignal } : {},
  );

/** Outcomes of the same call, made several times. */
const outcomes = async (times: number, call: () => Promise<unknown>): Promise<string[]> => {
  const names: string[] = [];
  for (let turn = 0; turn < times; turn++) {
    names.push(
      await call().then(
        () => 'ok',
        (error: unknown) => (error as Error).name,
      ),
    );
  }
  return names;
};

describe('sandbox: faults', () => {
  it(
    'throttles each service in its own words',
    withSandbox({}, async (sandbox) => {
      await sandbox.faults({ rules: [{ effect: 'throttle' }] });
      await refuses(sandbox.organizations.send(new ListRootsCommand({})), 'TooManyRequestsException', 400);
      await refuses(sandbox.sts.send(new GetCallerIdentityCommand({})), 'Throttling', 400);
      await refuses(
        sandbox.cloudFormation.send(new DescribeStackSetCommand({ StackSetName: 'demo-polo-roles' })),
        'Throttling',
        400,
      );
      await sandbox.faults({});
      await sandbox.organizations.send(new ListRootsCommand({}));
    }),
  );

  it(
    'strikes after, every and so many times as told',
    withSandbox({}, async ({ faults, organizations }) => {
      await faults({ rules: [{ operation: 'ListRoots', after: 1, every: 2, times: 2, effect: 'error' }] });
      const names = await outcomes(7, () => organizations.send(new ListRootsCommand({})));
      assert.equal(names.join(), 'ok,ok,ServiceException,ok,ServiceException,ok,ok');
    }),
  );

  it(
    'strikes by chance, and by the same chance again',
    withSandbox({}, async ({ faults, sts }) => {
      const run = async (): Promise<string[]> => {
        await faults({ rules: [{ service: 'sts', probability: 0.5, effect: 'throttle' }] });
        return outcomes(30, () => sts.send(new GetCallerIdentityCommand({})));
      };
      const first = await run();
      assert.deepEqual(new Set(first), new Set(['ok', 'Throttling']));
      assert.deepEqual(await run(), first);
    }),
  );

  it(
    'strikes one account or one role only',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      const other = (await sandbox.named('network')).id;
      await sandbox.faults({
        rules: [
          { accountId: id, roleName: 'polo-action-role', effect: 'error', code: 'ServiceUnavailable', message: 'soon' },
        ],
      });
      await refuses(assume(sandbox, id, 'polo-action-role'), 'ServiceUnavailable', 503);
      await assume(sandbox, id);
      await assume(sandbox, other, 'polo-action-role');
    }),
  );

  it(
    'drops connections, with or without the work done',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      await sandbox.faults({ rules: [{ operation: 'AssumeRole', times: 1, effect: 'drop' }] });
      await assert.rejects(assume(sandbox, id));
      await sandbox.faults({ rules: [{ operation: 'AssumeRole', times: 1, effect: 'lose' }] });
      await assert.rejects(assume(sandbox, id));
      await assume(sandbox, id);
      assert.deepEqual(
        (await calls(sandbox)).recent.map(({ outcome }) => outcome),
        ['dropped', 'lost', 'ok'],
      );
    }),
  );

  it(
    'hangs on a call until its caller gives up, and answers others meanwhile',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      await sandbox.patch(id, { assumeRole: 'hang' });
      const patience = new AbortController();
      const hanging = assume(sandbox, id, 'demo-PoloReadRole', patience.signal);
      hanging.catch(() => undefined);
      while ((await calls(sandbox)).inFlight['sts'] !== 1) await new Promise(setImmediate);
      await assume(sandbox, (await sandbox.named('network')).id);
      patience.abort();
      await assert.rejects(hanging, { name: 'AbortError' });
      while ((await calls(sandbox)).inFlight['sts'] !== 0) await new Promise(setImmediate);
      assert.equal((await calls(sandbox)).errors['aborted'], 1);
    }),
  );

  it(
    'delays calls side by side',
    withSandbox({}, async (sandbox) => {
      await sandbox.faults({ rules: [{ service: 'sts', effect: 'latency', ms: 500 }] });
      await Promise.all(Array.from({ length: 10 }, () => sandbox.sts.send(new GetCallerIdentityCommand({}))));
      assert.equal((await calls(sandbox)).maxInFlight['sts'], 10);
    }),
  );

  it(
    "refuses the hub's credentials in each service's spelling",
    withSandbox({}, async ({ faults, sts, organizations }) => {
      await faults({ hubCredentials: 'invalid' });
      await refuses(sts.send(new GetCallerIdentityCommand({})), 'InvalidClientTokenId', 403);
      await refuses(organizations.send(new ListRootsCommand({})), 'UnrecognizedClientException', 400);
      await faults({ hubCredentials: 'expired' });
      await refuses(sts.send(new GetCallerIdentityCommand({})), 'ExpiredToken', 403);
      await refuses(organizations.send(new ListRootsCommand({})), 'ExpiredTokenException', 400);
      await faults({ rules: [{ service: 'sts', times: 1, effect: 'expire_token' }] });
      await refuses(sts.send(new GetCallerIdentityCommand({})), 'ExpiredToken', 403);
      await sts.send(new GetCallerIdentityCommand({}));
    }),
  );

  it(
    'lets AssumeRole into one account fail in every way',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      const expected = async (): Promise<unknown> => (await sandbox.named('polo')).expected;
      const failsAs = async (assumeRole: unknown, name: string, status: number): Promise<void> => {
        await sandbox.patch(id, { assumeRole });
        await refuses(assume(sandbox, id), name, status);
      };
      await failsAs('throttle', 'Throttling', 400);
      assert.match(JSON.stringify(await expected()), /"pending_setup","rule":4/);
      await failsAs('regionDisabled', 'RegionDisabledException', 403);
      assert.match(JSON.stringify(await expected()), /"no_access","rule":8/);
      await failsAs('InternalFailure', 'InternalFailure', 500);
      await failsAs(
        { effect: 'error', code: 'PackedPolicyTooLarge', status: 400 },
        'PackedPolicyTooLargeException',
        400,
      );
      await sandbox.patch(id, { assumeRole: null });
      await assume(sandbox, id);
    }),
  );

  it(
    'shortens, empties and breaks the listing',
    withSandbox({ accounts: 100 }, async ({ faults, organizations }) => {
      await faults({ listing: { keep: 0.4 } });
      assert.equal((await listAll(organizations)).length, 40);
      await faults({ listing: { empty: true } });
      assert.equal((await listAll(organizations)).length, 0);
      await faults({ listing: { failAtPage: 3 } });
      await refuses(listAll(organizations), 'ServiceException', 500);
    }),
  );

  it(
    'lets another organization answer, and leaves paths out',
    withSandbox({}, async ({ faults, organizations }) => {
      await faults({ organizationId: 'o-another0000', paths: false });
      const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
      assert.equal(Organization?.Id, 'o-another0000');
      const [account] = await listAll(organizations);
      assert.equal(account?.Paths, undefined);
      assert.match(account?.Arn ?? '', /o-another0000/);
    }),
  );

  it(
    'makes a new role wait for IAM',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('payments-development');
      await sandbox.faults({ iamLagSeconds: 3600 });
      await sandbox.patch(id, { roles: { read: 'works' } });
      await refuses(assume(sandbox, id), 'AccessDenied', 403);
      await assume(sandbox, (await sandbox.named('polo')).id);
      await sandbox.faults({});
      await assume(sandbox, id);
    }),
  );

  it(
    'is survived by the retries of the SDK',
    withSandbox({ accounts: 100 }, async ({ url, faults }) => {
      const client = new OrganizationsClient({ endpoint: url, region: 'us-east-1', credentials: HUB, maxAttempts: 5 });
      await faults({ rules: [{ every: 3, effect: 'drop' }] });
      assert.equal((await listAll(client)).length, 100);
    }),
  );
});

describe('sandbox: log of calls', () => {
  it(
    'counts calls and errors, and tells the latest',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      await assume(sandbox, id);
      await refuses(assume(sandbox, '999999999999'), 'AccessDenied');
      await sandbox.organizations.send(new DescribeAccountCommand({ AccountId: id }));
      await sandbox.organizations.send(new ListAccountsCommand({}));
      const log = await calls(sandbox);
      assert.equal(log.total, 4);
      assert.deepEqual(log.operations, {
        'sts.AssumeRole': 2,
        'organizations.DescribeAccount': 1,
        'organizations.ListAccounts': 1,
      });
      assert.deepEqual(log.errors, { AccessDenied: 1 });
      const { outcome, accountId, externalIdGiven, accessKeyId } = log.recent[0] ?? assert.fail();
      assert.deepEqual([outcome, accountId, externalIdGiven, accessKeyId], ['ok', id, false, HUB.accessKeyId]);
      assert.equal((await sandbox.control<Calls>('GET', 'calls?recent=1')).json.recent.length, 1);
      await sandbox.control('DELETE', 'calls');
      assert.equal((await calls(sandbox)).total, 0);
    }),
  );
});

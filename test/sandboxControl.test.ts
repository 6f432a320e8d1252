import {
  DescribeAccountCommand,
  ListAccountsForParentCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-organizations';
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { listAll, refuses, withSandbox } from './sandboxClients.ts';
import type { ShownAccount, TestSandbox } from './sandboxClients.ts';

const describeAccount = async ({ organizations }: TestSandbox, AccountId: string) =>
  (await organizations.send(new DescribeAccountCommand({ AccountId }))).Account;

describe('sandbox: control of accounts', () => {
  it(
    'says what a first discovery makes of each account, in every rule that it can meet',
    withSandbox({}, async ({ accounts }) => {
      const rules = (await accounts()).map(({ expected }) => `${expected?.polo_status} ${expected?.rule}`);
      assert.deepEqual([...new Set(rules)].sort(), [
        'active 5',
        'active 6',
        'excluded 2',
        'no_access 8',
        'pending_setup 9',
      ]);
      const begins = new Set((await accounts()).map(({ expected }) => expected?.last_scan_error_begins));
      for (const reason of [
        'roles not deployed',
        'deploying',
        'deployment failed',
        'deploy the management stack by hand',
      ]) {
        assert.ok(begins.has(reason), reason);
      }
      assert.ok((await accounts()).filter(({ expected }) => expected?.polo_status === 'active').length > 12);
    }),
  );

  it(
    'has at least its management account',
    withSandbox({ accounts: 1 }, async ({ accounts }) => {
      assert.deepEqual(
        (await accounts()).map(({ managementAccount, expected }) => [managementAccount, expected?.polo_status]),
        [[true, 'pending_setup']],
      );
    }),
  );

  it(
    'expects no action role where Polo runs without one',
    withSandbox({ actionRole: 'none' }, async ({ named }) => {
      const { expected } = await named('data-platform-production');
      assert.deepEqual([expected?.rule, expected?.polo_action_role], [5, false]);
    }),
  );

  it(
    'adds accounts, by default without roles',
    withSandbox({}, async (sandbox) => {
      const { status, json } = await sandbox.control<ShownAccount>('POST', 'accounts', {
        name: 'brand-new',
        ou: '/New/Unit',
      });
      assert.equal(status, 201);
      assert.equal(json.expected?.last_scan_error_begins, 'roles not deployed');
      assert.equal(json.ou, '/New/Unit');
      assert.equal((await describeAccount(sandbox, json.id))?.Name, 'brand-new');
      assert.ok((await listAll(sandbox.organizations)).some(({ Id }) => Id === json.id));
      assert.equal((await sandbox.control('POST', 'accounts', { id: json.id })).status, 409);
    }),
  );

  it(
    'serves State, the retired Status, both or neither',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      await sandbox.patch(id, { state: null, status: 'SUSPENDED' });
      let account = await describeAccount(sandbox, id);
      assert.deepEqual([account?.State, account?.Status], [undefined, 'SUSPENDED']);
      assert.equal((await sandbox.named('polo')).expected?.polo_status, 'excluded');
      await sandbox.patch(id, { status: null });
      account = await describeAccount(sandbox, id);
      assert.deepEqual([account?.State, account?.Status], [undefined, undefined]);
      assert.equal((await sandbox.named('polo')).expected?.polo_status, 'active');
    }),
  );

  it(
    'renames, moves and tags accounts',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      await sandbox.patch(id, {
        name: 'renamed',
        email: 'new@example.com',
        ou: ['Far', 'a/way'],
        tags: { 'polo:owner': 'me' },
      });
      const shown = await sandbox.named('renamed');
      assert.equal((await describeAccount(sandbox, id))?.Email, 'new@example.com');
      const parent = new ListAccountsForParentCommand({ ParentId: shown.ouId });
      assert.deepEqual(
        (await sandbox.organizations.send(parent)).Accounts?.map(({ Id }) => Id),
        [id],
      );
      const { Tags } = await sandbox.organizations.send(new ListTagsForResourceCommand({ ResourceId: id }));
      assert.deepEqual(Tags, [{ Key: 'polo:owner', Value: 'me' }]);
      await sandbox.patch(id, { ou: '/' });
      assert.equal((await sandbox.named('renamed')).ou, '/');
    }),
  );

  it(
    'lets accounts be forgotten by the listing, leave and return',
    withSandbox({}, async (sandbox) => {
      const { id } = await sandbox.named('polo');
      const listed = async (): Promise<boolean> => (await listAll(sandbox.organizations)).some(({ Id }) => Id === id);
      await sandbox.patch(id, { listed: false });
      assert.equal(await listed(), false);
      assert.equal((await describeAccount(sandbox, id))?.Id, id);
      await sandbox.patch(id, { listed: true, gone: true });
      assert.equal(await listed(), false);
      await refuses(describeAccount(sandbox, id), 'AccountNotFoundException');
      assert.equal((await sandbox.named('polo')).expected, null);
      await sandbox.patch(id, { gone: false });
      assert.equal(await listed(), true);
    }),
  );

  it(
    'tells deploying from deployed by when the operation ended',
    withSandbox({}, async ({ named, patch }) => {
      const { id } = await named('payments-development');
      const expected = async (instance: object | null): Promise<string> => {
        await patch(id, { instance });
        return (await named('payments-development')).expected?.last_scan_error_begins ?? '';
      };
      assert.equal(await expected({ status: 'CURRENT' }), 'deploying');
      const long = 'read role refused although deployed';
      assert.equal(await expected({ status: 'CURRENT', operationEndedAt: '2026-01-01T00:00:00Z' }), long);
      assert.equal(await expected({ status: 'CURRENT', operationStatus: 'unknown' }), long);
      assert.equal(await expected({ detailedStatus: 'RUNNING' }), 'deploying');
      assert.equal(await expected({ detailedStatus: 'FAILED', statusReason: 'no' }), 'deployment failed');
      assert.equal(await expected(null), 'roles not deployed');
    }),
  );

  it(
    'renames and moves units with everything in them',
    withSandbox({}, async ({ control, named }) => {
      assert.equal((await control('PATCH', 'ous/Workloads/Production', { name: 'Live', parent: '/' })).status, 200);
      assert.equal((await named('shop-checkout')).ou, '/Live/Europe/Retail/Checkout');
      const { ouId } = await named('shop-checkout');
      assert.equal((await control('PATCH', `ous/${ouId}`, { name: 'Till' })).status, 200);
      assert.equal((await named('shop-checkout')).ou, '/Live/Europe/Retail/Till');
      for (const [path, body] of [
        ['Live', { parent: '/Live/Europe' }],
        ['Live', { parent: '/Workloads/Development' }],
        ['Live', { name: 'Workloads' }],
        ['', { name: 'Root' }],
      ] as const) {
        const { status } = await control('PATCH', `ous/${path === '' ? await rootOf(control) : path}`, body);
        assert.equal(status, 400, path);
      }
    }),
  );

  it(
    'refuses what it does not understand, in words',
    withSandbox({}, async ({ control, named }) => {
      const { id } = await named('polo');
      const management = (await named('Example Organization')).id;
      for (const [expected, method, path, body] of [
        [404, 'GET', 'nothing', undefined],
        [404, 'GET', '', undefined],
        [405, 'DELETE', 'accounts', undefined],
        [404, 'PATCH', 'accounts/1', {}],
        [404, 'PATCH', 'ous/No/Such', {}],
        [400, 'PATCH', `accounts/${id}`, 'not json'],
        [400, 'PATCH', `accounts/${id}`, { colour: 'red' }],
        [400, 'PATCH', `accounts/${id}`, { roles: { read: 'perhaps' } }],
        [400, 'PATCH', `accounts/${id}`, { ou: '/1/2/3/4/5/6' }],
        [400, 'PATCH', `accounts/${management}`, { instance: { status: 'CURRENT' } }],
        [400, 'PATCH', `accounts/${management}`, { gone: true }],
        [400, 'POST', 'accounts', { id: '12' }],
        [400, 'PUT', 'faults', { rules: [{ effect: 'explode' }] }],
        [400, 'PUT', 'faults', { rules: [{ effect: 'latency' }] }],
        [400, 'PUT', 'faults', { everything: true }],
        [400, 'GET', 'calls?recent=some', undefined],
      ] as const) {
        const { status, json } = await control<{ message: string }>(method, path, body);
        assert.equal(status, expected, `${method} ${path}: ${json.message}`);
        assert.ok(json.message.length > 5);
      }
    }),
  );
});

const rootOf = async (control: TestSandbox['control']): Promise<string> =>
  (await control<{ rootId: string }>('GET', 'settings')).json.rootId;

describe('sandbox: command line', () => {
  const start = (...options: string[]) =>
    spawn(process.execPath, ['--import', 'tsx', 'sandbox/main.ts', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });

  it('says where it listens, on this machine only, and ends when told to', async () => {
    const child = start('--accounts', '3', '--external-id', 'polo-sandbox');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    const accounts = (await (await fetch(`${url}/_sandbox/accounts`)).json()) as unknown[];
    assert.equal(accounts.length, 3);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal);
    if (outside) await assert.rejects(once(connect(Number(new URL(url).port), outside.address), 'connect'));
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    assert.equal(code, 0);
  });

  for (const options of [
    ['--accounts', '0'],
    ['--accounts', '50001'],
    ['--port', 'x'],
    ['--colour'],
    ['--hub', 'x'],
    ['--env', 'A'],
  ]) {
    it(`refuses ${options.join(' ')} with exit code 2`, async () => {
      const child = start(...options);
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, 2);
      assert.ok(said.includes(options[0] ?? ''), said);
    });
  }
});

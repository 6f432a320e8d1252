import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribeOrganizationalUnitCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-organizations';
import type { ListAccountsCommandOutput, OrganizationalUnit } from '@aws-sdk/client-organizations';
import { strict as assert } from 'node:assert';
import { clientsOf, listAll, refuses, withSandbox } from './sandboxClients.ts';

describe('sandbox: Organizations', () => {
  it(
    'lists pages of 20 with an empty one in the middle',
    withSandbox({ accounts: 70 }, async ({ organizations }) => {
      const sizes: number[] = [];
      let NextToken: string | undefined;
      do {
        const page: ListAccountsCommandOutput = await organizations.send(
          new ListAccountsCommand({ MaxResults: 20, ...(NextToken && { NextToken }) }),
        );
        sizes.push(page.Accounts?.length ?? -1);
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      assert.deepEqual(sizes, [20, 20, 0, 20, 10]);
      assert.equal(new Set((await listAll(organizations)).map(({ Id }) => Id)).size, 70);
    }),
  );

  for (const accounts of [1, 2, 20, 21, 24, 40]) {
    it(
      `lists every one of ${accounts} accounts once`,
      withSandbox({ accounts }, async (sandbox) => {
        const ids = (await listAll(sandbox.organizations)).map(({ Id }) => Id);
        assert.deepEqual(
          ids,
          (await sandbox.accounts()).map(({ id }) => id),
        );
      }),
    );
  }

  it(
    'refuses more than 20 results and tokens of other listings',
    withSandbox({ accounts: 70 }, async ({ organizations }) => {
      const list = (input: { MaxResults?: number; NextToken?: string }) =>
        organizations.send(new ListAccountsCommand(input));
      await refuses(list({ MaxResults: 21 }), 'InvalidInputException', 400);
      await refuses(list({ MaxResults: 0 }), 'InvalidInputException', 400);
      await refuses(list({ NextToken: 'bogus' }), 'InvalidInputException', 400);
      const { NextToken = '' } = await list({});
      const root = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? '';
      await refuses(
        organizations.send(new ListAccountsForParentCommand({ ParentId: root, NextToken })),
        'InvalidInputException',
      );
    }),
  );

  it(
    'gives accounts State and Paths but no Status, and an ARN with the management account',
    withSandbox({}, async ({ organizations, named }) => {
      const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
      const shown = await named('shop-checkout');
      const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: shown.id }));
      assert.ok(Account && Organization);
      assert.equal(Account.State, 'ACTIVE');
      assert.equal(Account.Status, undefined);
      assert.equal(
        Account.Arn,
        `arn:aws:organizations::${Organization.MasterAccountId}:account/${Organization.Id}/${shown.id}`,
      );
      assert.match(Account.Paths?.[0] ?? '', new RegExp(`^${Organization.Id}/r-[^/]+(/ou-[^/]+){5}/${shown.id}/$`));
      assert.ok(Account.JoinedTimestamp instanceof Date);
    }),
  );

  it(
    'carries every name unharmed',
    withSandbox({}, async (sandbox) => {
      const names = (await listAll(sandbox.organizations)).map(({ Name }) => Name ?? '');
      assert.deepEqual(
        names,
        (await sandbox.accounts()).map(({ name }) => name),
      );
      for (const name of [
        'Zürich – Zahlungen 東京 🚀',
        '<script>alert("polo")</script>',
        'Smith, O\'Neil & "Sons", Ltd.',
      ]) {
        assert.ok(names.includes(name), name);
      }
      assert.ok(names.some((name) => name.length === 128));
    }),
  );

  it(
    'has a tree of units down to level five that can be walked both ways',
    withSandbox({}, async ({ organizations, named }) => {
      const units = async (ParentId: string): Promise<OrganizationalUnit[]> =>
        (await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId }))).OrganizationalUnits ?? [];
      const shown = await named('shop-checkout');
      let id = (await organizations.send(new ListRootsCommand({}))).Roots?.[0]?.Id ?? '';
      for (const name of shown.ou.slice(1).split('/')) {
        const unit = (await units(id)).find(({ Name }) => Name === name);
        assert.ok(unit?.Id !== undefined && unit.Path?.endsWith(`/${unit.Id}/`), name);
        const described = await organizations.send(
          new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: unit.Id }),
        );
        assert.deepEqual(described.OrganizationalUnit, unit);
        id = unit.Id;
      }
      const { Accounts } = await organizations.send(new ListAccountsForParentCommand({ ParentId: id }));
      assert.deepEqual(
        Accounts?.map(({ Id }) => Id),
        [shown.id],
      );
      const { Parents } = await organizations.send(new ListParentsCommand({ ChildId: shown.id }));
      assert.deepEqual(Parents, [{ Id: id, Type: 'ORGANIZATIONAL_UNIT' }]);
    }),
  );

  it(
    'tells tags of accounts',
    withSandbox({}, async ({ organizations, named }) => {
      const { id, tags } = await named('polo');
      const { Tags } = await organizations.send(new ListTagsForResourceCommand({ ResourceId: id }));
      assert.deepEqual(Object.fromEntries(Tags?.map(({ Key, Value }) => [Key, Value]) ?? []), tags);
      assert.deepEqual(Object.keys(tags), ['polo:account-role', 'polo:owner']);
    }),
  );

  it(
    'names unknown things as AWS does',
    withSandbox({}, async ({ organizations }) => {
      const id = '999999999999';
      const unit = 'ou-abcd-abcdefgh';
      await refuses(organizations.send(new DescribeAccountCommand({ AccountId: id })), 'AccountNotFoundException', 400);
      await refuses(organizations.send(new DescribeAccountCommand({ AccountId: '12' })), 'InvalidInputException', 400);
      await refuses(organizations.send(new ListParentsCommand({ ChildId: id })), 'ChildNotFoundException');
      await refuses(organizations.send(new ListTagsForResourceCommand({ ResourceId: id })), 'TargetNotFoundException');
      await refuses(
        organizations.send(new ListAccountsForParentCommand({ ParentId: unit })),
        'ParentNotFoundException',
      );
      await refuses(
        organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: unit })),
        'OrganizationalUnitNotFoundException',
      );
    }),
  );

  it(
    'answers a hub that is not entitled with AccessDeniedException, but tells it its organization',
    withSandbox({ hub: 'member' }, async ({ organizations }) => {
      await refuses(organizations.send(new ListAccountsCommand({})), 'AccessDeniedException', 400);
      assert.ok((await organizations.send(new DescribeOrganizationCommand({}))).Organization?.Id);
    }),
  );

  it('makes the same organization from the same seed, and another from another', async () => {
    const organizationOf = async (seed: number): Promise<unknown> => {
      let accounts: unknown;
      await withSandbox({ accounts: 200, seed }, async (sandbox) => {
        accounts = await sandbox.accounts();
      })();
      return accounts;
    };
    assert.deepEqual(await organizationOf(7), await organizationOf(7));
    assert.notDeepEqual(await organizationOf(7), await organizationOf(8));
  });

  it(
    'holds 50,000 accounts, mostly active, in all conditions',
    withSandbox({ accounts: 50_000 }, async (sandbox) => {
      const accounts = await sandbox.accounts();
      assert.equal(new Set(accounts.map(({ id }) => id)).size, 50_000);
      const count = (status: string): number =>
        accounts.filter(({ expected }) => expected?.polo_status === status).length;
      assert.ok(count('active') > 45_000);
      for (const status of ['pending_setup', 'no_access', 'excluded']) assert.ok(count(status) > 100, status);
      const last = accounts.at(-1)?.id ?? '';
      const { organizations } = clientsOf(sandbox.url);
      const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: last }));
      assert.equal(Account?.Id, last);
    }),
  );
});

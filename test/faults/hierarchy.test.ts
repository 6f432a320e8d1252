/** Units and accounts that are renamed, moved and deleted: rows and nodes follow, without orphan and without duplicate. */
import assert from 'node:assert/strict';
import type { HierarchyNode } from '../../domain/account.ts';
import { assertAsOrganizationSays, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';

interface Unit {
  id: string;
  path: string;
}

describe('the hierarchy after each discovery', function () {
  this.timeout(180_000);
  let polo: PoloOnServer;
  const unitAt = async (path: string): Promise<string> =>
    (await polo.control<Unit[]>('GET', '/ous')).find((unit) => unit.path === path)?.id ?? '';

  /** Rows and nodes say what the organization says; every active node has an active parent. */
  const assertSound = async (): Promise<Map<string, HierarchyNode>> => {
    await assertAsOrganizationSays(polo);
    const nodes = await polo.nodes();
    for (const node of nodes.values()) {
      if (!node.is_active || node.node_type === 'organization') continue;
      const parent = nodes.get(node.parent_id);
      assert.equal(parent?.is_active, true, `${node.name}: parent ${node.parent_id}`);
      assert.deepEqual(node.path, [...parent.path, node.name]);
    }
    const organizations = [...nodes.values()].filter((node) => node.node_type === 'organization');
    assert.deepEqual(
      organizations.map(({ parent_id: parent, path }) => [parent, path]),
      [['', []]],
    );
    const units = (await polo.control<Unit[]>('GET', '/ous')).filter(({ path }) => path !== '/');
    const active = [...nodes.values()].filter((node) => node.node_type === 'organizational_unit' && node.is_active);
    assert.deepEqual(
      active.map((node) => [node.node_id, `/${node.path.join('/')}`]).sort(),
      units.map(({ id, path }) => [id, path]).sort(),
    );
    const accounts = [...nodes.values()].filter((node) => node.node_type === 'account' && node.is_active);
    assert.equal(accounts.length, (await polo.organization()).length);
    return nodes;
  };

  before(async () => {
    polo = await startPoloOnServer({ env: { POLO_ACCOUNT_TAGS: 'off' } });
  });
  afterEach(() => polo.faults({}));
  after(() => polo.stop());

  it('is right where accounts carry no Paths', async () => {
    await polo.faults({ paths: false });
    assert.equal((await polo.discover()).complete, true);
    await assertSound();
  });

  it('is the same, to the row, where they carry Paths', async () => {
    const before = await polo.written();
    for (const paths of ['withoutAccount', true]) {
      await polo.faults({ paths });
      assert.equal((await polo.discover()).complete, true);
    }
    const after = await polo.written();
    assert.deepEqual(after['hierarchy_nodes'], before['hierarchy_nodes']);
    assert.deepEqual(after['aws_accounts'], before['aws_accounts']);
  });

  it('follows units and accounts that are renamed, moved and deleted', async () => {
    const [workloads, retail, labs] = await Promise.all(
      ['/Workloads', '/Workloads/Production/Europe/Retail', '/Sandbox/Labs, "East"'].map(unitAt),
    );
    await polo.control('PATCH', `/ous/${String(workloads)}`, { name: 'Products' });
    await polo.control('PATCH', `/ous/${String(retail)}`, { parent: ['Infrastructure'] });
    for (const account of await polo.organization()) {
      if (account.ou === '/Sandbox/Labs, "East"') await polo.change(account.id, { ou: ['New', 'Home'] });
      if (account.name === 'log-archive') await polo.change(account.id, { ou: ['Infrastructure', 'Network'] });
      if (account.name === 'identity') await polo.change(account.id, { ou: '/' });
    }
    await polo.control('DELETE', `/ous/${String(labs)}`);
    assert.equal((await polo.discover()).complete, true);
    const nodes = await assertSound();
    assert.equal(nodes.get(String(labs))?.is_active, false);
    assert.deepEqual(nodes.get(String(retail))?.path, ['Infrastructure', 'Retail']);
  });

  it('has a place for an account whose unit was made while the run was reading', async () => {
    await polo.faults({ rules: [{ operation: 'ListAccounts', effect: 'latency', ms: 1_500, times: 1 }] });
    await polo.control('DELETE', '/calls');
    const running = polo.discover();
    for (;;) {
      const { operations } = await polo.control<{ operations: Record<string, number> }>('GET', '/calls?recent=0');
      if (operations['organizations.ListAccounts'] !== undefined) break;
    }
    await polo.control('POST', '/accounts', { name: 'late', ou: ['Brand', 'New'] });
    assert.equal((await running).complete, true);
    await assertSound();
  });

  it('has every unit, where one level has more of them than a call is given', async () => {
    for (let index = 0; index < 110; index++) {
      await polo.control('POST', '/accounts', { ou: ['Many', `Unit ${String(index)}`, 'Below'] });
    }
    assert.equal((await polo.discover()).complete, true);
    const nodes = await assertSound();
    assert.equal([...nodes.values()].filter(({ name }) => name === 'Below').length, 110);
  });
});

describe("the hierarchy in another team's table, which has neither paths nor an end of a unit", function () {
  this.timeout(180_000);
  let polo: PoloOnServer;
  before(async () => {
    const columns =
      'node_id String, node_type String, parent_id String, name String, updated_at DateTime64(3), _version UInt64';
    polo = await startPoloOnServer({
      env: { POLO_ACCOUNT_TAGS: 'off' },
      statements: [
        'CREATE DATABASE polo',
        `CREATE TABLE polo.hierarchy_nodes (${columns}) ENGINE = ReplacingMergeTree(_version) ORDER BY node_id`,
      ],
    });
    assert.equal((await polo.discover()).complete, true);
  });
  after(() => polo.stop());

  it('is written by the first discovery, and by no later one, also when a unit is gone', async () => {
    await assertAsOrganizationSays(polo);
    const [first] = await polo.organization();
    await polo.change(first?.id ?? '', { ou: ['For', 'A', 'While'] });
    assert.equal((await polo.discover()).complete, true);
    await polo.change(first?.id ?? '', { ou: '/' });
    for (const path of ['/For/A/While', '/For/A', '/For']) {
      const unit = (await polo.control<Unit[]>('GET', '/ous')).find((one) => one.path === path);
      await polo.control('DELETE', `/ous/${String(unit?.id)}`);
    }
    assert.equal((await polo.discover()).complete, true);
    const before = await polo.written();
    assert.equal((await polo.discover()).complete, true);
    const after = await polo.written();
    assert.deepEqual(after['hierarchy_nodes'], before['hierarchy_nodes']);
    assert.deepEqual(after['aws_accounts'], before['aws_accounts']);
  });

  it('leaves each account in its unit when that account alone is verified', async () => {
    for (const { id } of await polo.organization()) await polo.run('verifyAccount', { accountId: id });
    await assertAsOrganizationSays(polo);
  });
});

/** Every read is of what was written last (design 2), also while ClickHouse still keeps what was there before. */
import assert from 'node:assert/strict';
import { at, eventOf, idOf, nodeOf, onEveryPlace, rowOf } from './support/clickhousePlaces.ts';

const ID = idOf(1);
const NOW = Date.parse(at(60));
const UNIT = { node_type: 'organizational_unit' as const, path: ['Old'] };
const ORGANIZATION = { node_type: 'organization', parent_id: '', path: [] as string[] } as const;

onEveryPlace('the registry, of accounts that were written more than once,', (current) => {
  // Two parts of a table, which nothing merges: a read without FINAL would find both.
  beforeEach(async () => {
    const own = await current.openDatabase();
    for (const table of ['aws_accounts', 'hierarchy_nodes', 'aws_account_events']) {
      await own.run('setup', `SYSTEM STOP MERGES ${current.database}.${table}`);
    }
    const { registry } = current;
    const discovered = eventOf(ID, 'discovered', 0, { to_status: 'active' });
    const lost = eventOf(ID, 'status_changed', 1, { from_status: 'active', to_status: 'no_access' });
    await registry.writeAccount({
      events: [discovered],
      node: nodeOf(ID, { name: 'old' }),
      row: rowOf(ID, { account_name: 'old', org_unit: '/Old', last_successful_scan: at(-3_000) }),
    });
    await registry.writeAccount({
      // A retry repeats its events.
      events: [discovered, lost],
      node: nodeOf(ID, { name: 'new', _version: '2' }),
      row: rowOf(ID, {
        account_name: 'new',
        org_unit: '/New',
        polo_status: 'no_access',
        last_successful_scan: at(-3_000),
        _version: '2',
      }),
    });
    await registry.appendEvents([lost]);
    for (const [name, version] of [
      ['Old', '1'],
      ['New', '2'],
    ] as const) {
      await registry.writeNodes([
        nodeOf('ou-1', { ...UNIT, name, _version: version }),
        nodeOf('o-1', { ...ORGANIZATION, name, is_active: name === 'Old', _version: version }),
      ]);
    }
  });

  it('tells each account once, as it is now', async () => {
    const { registry } = current;
    const { accounts } = await registry.readAccounts({ limit: 10 });
    assert.deepEqual(
      accounts.map(({ account_name, polo_status }) => [account_name, polo_status]),
      [['new', 'no_access']],
    );
    assert.equal((await registry.loadAccount(ID)).row?.account_name, 'new');
    assert.deepEqual(await registry.countAccounts({}), { total: 1, before: 0 });
    assert.deepEqual(await registry.readKnownAccountIds({ limit: 10 }), { accountIds: [ID] });
    assert.deepEqual(await registry.sampleActiveAccounts(10), []);
  });

  it('means each account once where it is collected from or onboarded', async () => {
    const { registry } = current;
    const { targets } = await registry.selectTargets({ limit: 10 });
    assert.deepEqual(
      targets.map(({ accountName, status }) => [accountName, status]),
      [['new', 'no_access']],
    );
    assert.deepEqual(await registry.selectAccounts({ statuses: ['active'], limit: 10 }), { accounts: [] });
    assert.deepEqual((await registry.selectAccounts({ limit: 10 })).accounts, [{ accountId: ID, accountName: 'new' }]);
    assert.deepEqual(await registry.findUnmatched({ accountIds: [], orgUnits: ['/Old', '/New'] }), ['/Old']);
  });

  it('counts each account once in coverage, news and history', async () => {
    const { registry } = current;
    const { accountsByStatus, candidates } = await registry.readCoverageFacts({ now: NOW, actionRoleConfigured: true });
    assert.deepEqual(accountsByStatus, { active: 0, pending_setup: 0, no_access: 1, excluded: 0 });
    const news = await registry.readNewsCandidates({ now: NOW, limit: 10 });
    for (const found of [candidates, news.candidates]) {
      assert.deepEqual(
        found.map(({ account_name, polo_status, since }) => [account_name, polo_status, since]),
        [['new', 'no_access', at(1)]],
      );
    }
    const { history } = await registry.readHistory({ accountId: ID, limit: 10 });
    assert.deepEqual(
      history.map(({ kind }) => kind),
      ['discovered', 'status_changed'],
    );
    const changes = await registry.readCoverageChanges(NOW);
    assert.deepEqual(
      changes?.moves.map(({ accounts }) => accounts),
      [1, 1],
    );
  });

  it('knows each unit once, under its present name', async () => {
    const { registry } = current;
    const { nodes } = await registry.readUnitNodes({});
    assert.deepEqual(
      nodes.map(({ node_id, name }) => [node_id, name]),
      [
        ['o-1', 'New'],
        ['ou-1', 'New'],
      ],
    );
    assert.equal((await registry.readNode(ID))?.name, 'new');
    assert.equal(await registry.readOrganizationId(), undefined);
  });

  it('names no exclusion that is over', async () => {
    const { registry } = current;
    const id = idOf(2);
    const excluded = eventOf(id, 'excluded', 0, { until: at(120) });
    const status = rowOf(id, { polo_status: 'excluded' });
    await registry.writeAccount({ events: [excluded], node: nodeOf(id), row: status });
    const question = { from: 0, to: Date.parse(at(240)), limit: 10 };
    assert.equal((await registry.readEndingExclusions(question)).count, 1);
    await registry.writeAccount({
      events: [],
      node: nodeOf(id),
      row: { ...status, polo_status: 'active', _version: '2' },
    });
    assert.deepEqual(await registry.readEndingExclusions(question), { count: 0, named: [] });
  });
});

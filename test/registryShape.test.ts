import assert from 'node:assert/strict';
import type { Database } from '../registry/client.ts';
import { openRegistry } from '../registry/registry.ts';
import { startClickHouse } from './support/clickhouseServer.ts';
import { at, nodeOf, type Place, PLACES, rowOf } from './support/clickhousePlaces.ts';

const ACCOUNT_COLUMNS = `account_id String, account_name String, account_email String, org_unit String,
  polo_status LowCardinality(String), polo_read_role String, polo_action_role String,
  last_successful_scan DateTime64(3, 'UTC'), last_scan_error String, account_role LowCardinality(String), owner String,
  discovered_at DateTime64(3), updated_at DateTime64(3), _version UInt64`;

/** The message of the error that opening the registry ends with. */
const refusalOf = async (place: Place, database: string): Promise<string> => {
  const error: unknown = await place.openRegistry(database).then(
    () => assert.fail('expected a refusal'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error && 'code' in error && error.code === 'RegistryShape', String(error));
  return error.message;
};

const columnsOf = (database: Database) =>
  database.read(
    'system.columns',
    `SELECT table, name, type FROM system.columns WHERE database = {database:String} ORDER BY table, name`,
    { database: database.name },
  );

for (const [name, startPlace] of Object.entries(PLACES)) {
  describe(`shape of the registry, ${name}`, () => {
    let place: Place;
    before(async () => {
      place = await startPlace();
    });
    afterEach(() => place.closeAll());
    after(() => place.stop());

    it('lists every difference at once and alters nothing', async () => {
      const database = await place.openDatabase('differing');
      await database.run('setup', 'CREATE DATABASE differing');
      await database.run(
        'setup',
        `CREATE TABLE differing.aws_accounts (account_id String, account_name Nullable(String), account_email String,
         org_unit String ALIAS account_email, polo_status String, polo_read_role String, polo_action_role String,
         last_successful_scan DateTime64(3), last_scan_error String, account_role LowCardinality(String),
         discovered_at DateTime, updated_at DateTime64(3), _version UInt64, cost_center String
         ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (account_id, _version)`,
      );
      await database.run(
        'setup',
        `CREATE TABLE differing.hierarchy_nodes (node_id String, node_type String, parent_id UInt64)
         ENGINE = MergeTree ORDER BY (node_type, node_id)`,
      );
      await database.run(
        'setup',
        `CREATE TABLE differing.aws_account_events (event_id String) ENGINE = ReplacingMergeTree ORDER BY event_id`,
      );
      const before = await columnsOf(database);

      const message = await refusalOf(place, 'differing');
      for (const difference of [
        'differing.aws_accounts: engine is ReplacingMergeTree(updated_at), expected ReplacingMergeTree(_version)',
        'differing.aws_accounts: ORDER BY is account_id, _version, expected account_id',
        'differing.aws_accounts: column account_name is Nullable(String), expected String',
        'differing.aws_accounts: column org_unit is ALIAS, expected one that can be written',
        'differing.aws_accounts: column polo_status is String, expected LowCardinality(String)',
        'differing.aws_accounts: column discovered_at is DateTime, expected DateTime64(3)',
        'differing.aws_accounts: column owner is missing, or not granted to user',
        'differing.aws_accounts: column cost_center is not known, and every write would wipe it',
        'differing.hierarchy_nodes: engine is MergeTree, expected ReplacingMergeTree',
        'differing.hierarchy_nodes: ORDER BY is node_type, node_id, expected node_id',
        'differing.hierarchy_nodes: column parent_id is UInt64, expected String',
        'differing.hierarchy_nodes: column name is missing',
        'differing.aws_account_events: ORDER BY is event_id, expected account_id,event_id',
        'differing.aws_account_events: column run_id is missing',
      ]) {
        assert.ok(message.includes(`- ${difference}`), `${difference}\nnot in\n${message}`);
      }
      assert.deepEqual(await columnsOf(database), before);
    });

    it('accepts tables that somebody else made alike, and further columns in the history', async () => {
      const database = await place.openDatabase('alike');
      await database.run('setup', 'CREATE DATABASE alike');
      await database.run(
        'setup',
        `CREATE TABLE alike.aws_accounts (${ACCOUNT_COLUMNS})
         ENGINE = ReplacingMergeTree(_version) PARTITION BY tuple() ORDER BY account_id SETTINGS index_granularity = 1024`,
      );
      const first = await place.openRegistry('alike');
      await database.run('setup', `ALTER TABLE alike.aws_account_events ADD COLUMN region String DEFAULT 'eu'`);
      const second = await place.openRegistry('alike');
      await first.writeAccount({ events: [], node: nodeOf('000000000001'), row: rowOf('000000000001') });
      assert.deepEqual((await second.loadAccount('000000000001')).row, rowOf('000000000001'));
    });

    it("keeps other teams' columns of hierarchy_nodes, and does without those of ours that are missing", async () => {
      const database = await place.openDatabase('shared');
      await database.run('setup', 'CREATE DATABASE shared');
      await database.run(
        'setup',
        `CREATE TABLE shared.hierarchy_nodes (node_id String, node_type LowCardinality(Nullable(String)),
         parent_id Nullable(String), name LowCardinality(String), is_active Bool, updated_at DateTime, revision UInt32,
         \`cost center\` String DEFAULT 'none', budget Float64, big UInt64, money Decimal(38, 10),
         tags Map(String, UInt64), since DateTime64(6, 'America/New_York'), note Nullable(String),
         upper String MATERIALIZED upper(name)) ENGINE = ReplacingMergeTree(revision) ORDER BY (node_id)`,
      );
      await database.run(
        'setup',
        `INSERT INTO shared.hierarchy_nodes (node_id, node_type, parent_id, name, is_active, updated_at, revision,
         \`cost center\`, budget, big, money, tags, since, note) VALUES ('000000000001', 'account', NULL, 'old', true,
         '2026-01-01 00:00:00', 7, 'it''s "4711"', nan, 18446744073709551615, 12345678901234567890.0123456789,
         map('a', 18446744073709551615), toDateTime64('2026-11-01 05:30:00.123456', 6, 'UTC'), NULL)`,
      );
      const theirs = () =>
        database.readLines(
          'shared.hierarchy_nodes',
          `SELECT updated_at, revision, \`cost center\`, budget, big, money, tags, since, note, upper
           FROM shared.hierarchy_nodes FINAL WHERE node_id = '000000000001'`,
        );
      const [before] = await theirs();

      const registry = await place.openRegistry('shared');
      assert.equal((await registry.readNode('000000000001'))?.parent_id, '');
      await registry.writeNodes([
        nodeOf('000000000001', { name: 'new', is_active: false }),
        nodeOf('000000000002', { name: 'second' }),
        nodeOf('o-exampleorg1', { node_type: 'organization', parent_id: '', name: 'org' }),
      ]);

      const [after] = await theirs();
      assert.equal(after, before?.replace('"OLD"', '"NEW"'));
      const { node_id, node_type, parent_id } = nodeOf('000000000001');
      assert.deepEqual(
        await registry.readNode('000000000001'),
        { node_id, node_type, parent_id, name: 'new', is_active: false },
        'what there is no column for is absent',
      );
      assert.equal(await registry.readOrganizationId(), 'o-exampleorg1');
      assert.deepEqual(
        await database.read(
          'x',
          `SELECT \`cost center\` AS c FROM shared.hierarchy_nodes FINAL WHERE node_id = '000000000002'`,
        ),
        [{ c: 'none' }],
      );
    });
  });
}

describe('shape of the registry for a user with few rights', () => {
  it('needs no right to create what exists, and says that missing may mean not granted', async () => {
    const owner = { user: 'owner', password: 'ownersecret' };
    const worker = { user: 'worker', password: 'workersecret', grants: ['GRANT SELECT, INSERT ON polo.*'] };
    const server = await startClickHouse(owner, worker);
    try {
      await assert.rejects(openRegistry({ database: 'polo', url: server.url, ...worker }), (error: Error) => {
        assert.equal('code' in error && error.code, 'RegistryShape');
        assert.match(error.message, /polo\.aws_accounts: missing, or not granted to user worker/);
        assert.match(error.message, /applying 2-aws-accounts\.sql: ClickHouse answered ACCESS_DENIED/);
        assert.doesNotMatch(error.message, /workersecret/);
        return true;
      });
      await (await openRegistry({ database: 'polo', url: server.url, ...owner })).close();
      const registry = await openRegistry({ database: 'polo', url: server.url, ...worker });
      await registry.writeNodes([nodeOf('000000000001')]);
      assert.equal((await registry.readNode('000000000001'))?.updated_at, at(0));
      await registry.close();
    } finally {
      await server.stop();
    }
  });
});

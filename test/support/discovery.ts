/** What tests of discovery share: Polo on a ClickHouse server that the test reads as well, and what a run should leave. */
import assert from 'node:assert/strict';
import type { WholeNode } from '../../domain/account.ts';
import type { AccountRow } from '../../domain/contract.ts';
import { openDatabase, type Database } from '../../registry/client.ts';
import { startClickHouse, type ClickHouseServer } from './clickhouseServer.ts';
import { startPolo, type Polo, type PoloOptions } from './polo.ts';
import { SECRETS } from './secrets.ts';

/** Polo with a ClickHouse server of its own, whose tables the test may read. */
export interface PoloOnServer extends Polo {
  clickhouse: ClickHouseServer;
  database: Database;
  /** All nodes of the hierarchy by id, departed and deleted ones included. */
  nodes: () => Promise<Map<string, WholeNode>>;
  /** The content of all tables, line by line. */
  written: () => Promise<Record<string, string[]>>;
}

/** `statements` are run on the server before Polo comes to it: tables that were there first. */
export const startPoloOnServer = async ({
  env = {},
  statements = [],
  ...options
}: PoloOptions & { statements?: string[] } = {}): Promise<PoloOnServer> => {
  const user = { user: 'polo', password: SECRETS.password };
  const clickhouse = await startClickHouse(user);
  const database = await openDatabase({ database: 'polo', url: clickhouse.url, ...user });
  for (const statement of statements) await database.run('setup', statement);
  const close = async (): Promise<void> => {
    await database.close();
    await clickhouse.stop();
  };
  const server = { CLICKHOUSE_URL: clickhouse.url, CLICKHOUSE_USER: user.user, CLICKHOUSE_PASSWORD: user.password };
  const polo = await startPolo({ ...options, env: { ...server, ...env } }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    ...polo,
    clickhouse,
    database,
    nodes: async (): Promise<Map<string, WholeNode>> => {
      const nodes = await database.read<Omit<WholeNode, 'is_active'> & { is_active: number }>(
        'nodes',
        'SELECT * FROM polo.hierarchy_nodes FINAL',
      );
      return new Map(nodes.map((node) => [node.node_id, { ...node, is_active: node.is_active === 1 }]));
    },
    written: async (): Promise<Record<string, string[]>> => {
      const read = async (table: string): Promise<[string, string[]]> => [
        table,
        await database.readLines(table, `SELECT * FROM polo.${table} FINAL ORDER BY ALL`),
      ];
      const tables = ['aws_accounts', 'hierarchy_nodes', 'aws_account_events'];
      return Object.fromEntries(await Promise.all(tables.map(read)));
    },
    stop: async (): Promise<void> => {
      await polo.stop().finally(close);
    },
  };
};

/** Fails unless the registry says of every account what a first discovery should find. */
export const assertAsOrganizationSays = async (polo: Polo): Promise<void> => {
  const rows = (await polo.accounts()).map((row) => [
    row.account_id,
    row.account_name,
    row.org_unit,
    row.polo_status,
    row.polo_read_role !== '',
    row.polo_action_role !== '',
  ]);
  const expected = (await polo.organization()).map(({ id, name, ou, expected: { polo_status, ...roles } }) => [
    id,
    name,
    ou,
    polo_status,
    roles.polo_read_role,
    roles.polo_action_role,
  ]);
  const sorted = (list: unknown[][]): string[] => list.map((item) => JSON.stringify(item)).sort();
  assert.deepEqual(sorted(rows), sorted(expected));
};

/** Where a node of an account isn't what the organization says, in words: its name, its place, and that it is there. */
export const nodeBreaks = async (polo: PoloOnServer): Promise<string[]> => {
  const stored = [...(await polo.nodes()).values()].filter(({ node_type }) => node_type === 'account');
  const told = new Map(
    // Names of units may hold a slash as well.
    stored.map(({ node_id: id, name, path, is_active }) => [
      id,
      JSON.stringify([name, `/${path.join('/')}`, is_active]),
    ]),
  );
  const wanted = new Map(
    (await polo.organization()).map(({ id, name, ou }) => [
      id,
      JSON.stringify([name, `${ou === '/' ? '' : ou}/${name}`, true]),
    ]),
  );
  return [...new Set([...told.keys(), ...wanted.keys()])]
    .filter((id) => told.get(id) !== wanted.get(id))
    .map((id) => `${id} node: ${told.get(id) ?? 'nothing'} instead of ${wanted.get(id) ?? 'nothing'}`);
};

/** What rows say, without when and in which version they were written. */
export const contentOf = (rows: AccountRow[]): object[] =>
  rows.map((row) => ({ ...row, updated_at: undefined, _version: undefined }));

/** The id of the account with a name that the sandbox gave it. */
export const idsByName = async (polo: Polo): Promise<(name: string) => string> => {
  const ids = new Map((await polo.organization()).map(({ id, name }) => [name, id]));
  return (name) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`the sandbox has no account named ${name}`);
    return id;
  };
};

/** How often the sandbox was asked for each operation since `forgetCalls`. */
export const callCounts = async (polo: Polo): Promise<Record<string, number>> =>
  (await polo.control<{ operations: Record<string, number> }>('GET', '/calls?recent=0')).operations;

export const forgetCalls = (polo: Polo): Promise<unknown> => polo.control('DELETE', '/calls');

/** Kinds of an account's events, oldest first; without an account those of the whole organization. */
export const kindsOf = async (polo: Polo, accountId?: string): Promise<string[]> =>
  (await polo.history(accountId)).map((event) => event.kind);

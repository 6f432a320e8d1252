/** Nodes of `hierarchy_nodes`, a table that may be another team's: their columns are kept, ours may be missing. */
import type { HierarchyNode, WholeNode } from '../domain/account.ts';
import { type Database, quoted } from './client.ts';
import { checkRow, type Columns, decode, encode, selectList } from './columns.ts';
import { cutPage } from './pages.ts';
import type { Shape } from './shape.ts';
import { NODES } from './tables.ts';

/** A page of nodes holds at most so much, in rows and in bytes of JSON. */
const NODE_ROWS = 2_000;
const NODE_BYTES = 96 * 1024;

/** The nodes of the registry. */
export interface Nodes {
  /** A node as it is sent. Throws RegistryRejected for a bad one. */
  lineOf: (node: WholeNode) => NodeLine;
  /** Sends at most 1,000 nodes as one insert; done when it is acknowledged. */
  insert: (nodes: NodeLine[]) => Promise<void>;
  read: (nodeIds: string[]) => Promise<Map<string, HierarchyNode>>;
  readUnits: (input: { after?: string }) => Promise<{ nodes: HierarchyNode[]; next?: string }>;
  readOrganizationId: () => Promise<string | undefined>;
}

/** A node on its way out: its id, and its other columns as the rest of a JSON object. */
export interface NodeLine {
  id: string;
  rest: string;
}

/** Access to the nodes of a table of the given shape. Errors are RegistryErrors. */
export const openNodes = (database: Database, shape: Shape): Nodes => {
  const table = `${database.name}.${NODES.name}`;
  const columns: Columns = Object.fromEntries(
    Object.entries(NODES.columns).filter(([name]) => shape.nodeColumns.includes(name)),
  );
  const columnsButId: Columns = Object.fromEntries(Object.entries(columns).filter(([name]) => name !== NODES.key));
  const names = [NODES.key, ...Object.keys(columnsButId), ...shape.foreignNodeColumns];

  const select = async (condition: string, params: Record<string, unknown>): Promise<HierarchyNode[]> => {
    const query = `SELECT ${selectList(columns)} FROM ${table} FINAL WHERE ${condition}`;
    const stored = await database.read<Record<string, unknown>>(table, query, params);
    return stored.map((row): unknown => decode(columns, row)) as HierarchyNode[];
  };

  /** The present values of other teams' columns by node id, as ClickHouse's own JSON: no number passes through JavaScript. */
  const readForeign = async (ids: string[]): Promise<Map<string, string>> => {
    if (shape.foreignNodeColumns.length === 0) return new Map();
    const list = ['node_id', ...shape.foreignNodeColumns.map(quoted)].join(', ');
    const query = `SELECT ${list} FROM ${table} FINAL WHERE node_id IN {ids:Array(String)}`;
    const lines = await database.readLines(table, query, { ids });
    return new Map(lines.map((line) => [(JSON.parse(line) as { node_id: string }).node_id, line]));
  };

  return {
    lineOf: (node) => {
      checkRow(NODES, node);
      return { id: node.node_id, rest: `,${encode(columnsButId, node).slice(1)}` };
    },
    insert: async (lines) => {
      const foreign = await readForeign(lines.map(({ id }) => id));
      const whole = ({ id, rest }: NodeLine): string =>
        (foreign.get(id) ?? JSON.stringify({ node_id: id })).slice(0, -1) + rest;
      await database.insert(NODES.name, names, lines.map(whole));
    },
    read: async (nodeIds) => {
      const nodes = await select('node_id IN {ids:Array(String)}', { ids: nodeIds });
      return new Map(nodes.map((node) => [node.node_id, node]));
    },
    readUnits: async ({ after = '' }) => {
      const found = await select(
        `node_type IN ('organization', 'organizational_unit') AND node_id > {after:String}
         ORDER BY node_id LIMIT ${String(NODE_ROWS + 1)}`,
        { after },
      );
      const { rows, ...rest } = cutPage(found, NODE_ROWS, (node) => node.node_id, NODE_BYTES);
      return { nodes: rows, ...rest };
    },
    readOrganizationId: async () => {
      const active = 'is_active' in columns ? 'is_active' : '1';
      const found = await select(
        `node_type = 'organization' AND startsWith(node_id, 'o-') AND ${active} ORDER BY node_id LIMIT 1`,
        {},
      );
      return found[0]?.node_id;
    },
  };
};

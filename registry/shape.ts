/** Compares the tables that exist with the ones that this code needs. Nothing is ever altered. */
import type { Database } from './client.ts';
import { registryError } from './errors.ts';
import { ACCOUNTS, EVENTS, NODES, type Table } from './tables.ts';

/** What the check found out about `hierarchy_nodes`: which of our columns it has, and which others can be written. */
export interface Shape {
  nodeColumns: string[];
  foreignNodeColumns: string[];
}

interface FoundTable {
  name: string;
  engine: string;
  engine_full: string;
  sorting_key: string;
}

interface FoundColumn {
  table: string;
  name: string;
  type: string;
  default_kind: string;
}

/** Columns that ClickHouse computes, or doesn't store: an insert can't name or needn't keep them. */
const isComputed = (column: FoundColumn): boolean => /^(MATERIALIZED|ALIAS|EPHEMERAL)$/.test(column.default_kind);

/**
 * Reads the shape of the three tables. Throws RegistryShape with every difference; `refused` are the errors of statements
 * that should have created them, told only if something is missing.
 */
export const checkShape = async (database: Database, refused: Error[]): Promise<Shape> => {
  const params = { database: database.name, tables: [ACCOUNTS.name, NODES.name, EVENTS.name] };
  const [tables, columns] = await Promise.all([
    database.read<FoundTable>(
      'system.tables',
      `SELECT name, engine, engine_full, sorting_key FROM system.tables
       WHERE database = {database:String} AND name IN {tables:Array(String)}`,
      params,
    ),
    database.read<FoundColumn>(
      'system.columns',
      `SELECT table, name, type, default_kind FROM system.columns
       WHERE database = {database:String} AND table IN {tables:Array(String)}`,
      params,
    ),
  ]);
  const columnsOf = (table: { name: string }) => columns.filter((column) => column.table === table.name);
  const hidden = `missing, or not granted to user ${database.user}`;
  const differences = [ACCOUNTS, NODES, EVENTS].flatMap((table) => {
    const found = tables.find(({ name }) => name === table.name);
    return (
      found ? [...engineDifferences(table, found), ...columnDifferences(table, columnsOf(table), hidden)] : [hidden]
    ).map((difference) => `${database.name}.${table.name}: ${difference}`);
  });
  if (differences.length > 0) {
    const reasons = differences.some((text) => text.endsWith(hidden)) ? refused.map((error) => error.message) : [];
    throw registryError(
      'RegistryShape',
      `The registry's tables are not the ones that Polo needs. No table was altered; the expected form is in registry/*.sql. ` +
        `Differences:\n${[...differences, ...reasons].map((line) => `- ${line}`).join('\n')}`,
    );
  }
  const found = columnsOf(NODES);
  const nodeColumns = Object.entries(NODES.columns)
    .filter(([name, column]) =>
      found.some((other) => other.name === name && !isComputed(other) && column.types.test(other.type)),
    )
    .map(([name]) => name);
  return {
    nodeColumns,
    foreignNodeColumns: found
      .filter((column) => !nodeColumns.includes(column.name) && !isComputed(column))
      .map(({ name }) => name),
  };
};

const engineDifferences = (table: Table, found: FoundTable): string[] => {
  const differences: string[] = [];
  const engine = found.engine_full.split(/ (?:PARTITION|PRIMARY|ORDER) /)[0] ?? '';
  const wanted = `ReplacingMergeTree${table.version === undefined ? '' : `(${table.version})`}`;
  const versioned = table.version === undefined || new RegExp(`[(, ]${table.version}[,)]`).test(engine);
  if (!/^(Replicated|Shared)?ReplacingMergeTree$/.test(found.engine) || !versioned) {
    differences.push(`engine is ${engine || found.engine}, expected ${wanted}`);
  }
  // Printed with or without brackets, as the statement had it.
  if (found.sorting_key.replace(/[()\s`]/g, '') !== table.key) {
    differences.push(`ORDER BY is ${found.sorting_key || 'nothing'}, expected ${table.key}`);
  }
  return differences;
};

const columnDifferences = (table: Table, found: FoundColumn[], hidden: string): string[] => {
  const wrong = Object.entries(table.columns)
    .filter(([name]) => !table.optional.includes(name))
    .flatMap(([name, column]) => {
      const there = found.find((other) => other.name === name);
      if (!there) return [`column ${name} is ${hidden}`];
      if (isComputed(there)) return [`column ${name} is ${there.default_kind}, expected one that can be written`];
      return column.types.test(there.type) ? [] : [`column ${name} is ${there.type}, expected ${column.typeName}`];
    });
  const extra = found
    .filter(({ name }) => table.exact && !Object.hasOwn(table.columns, name))
    .map(({ name }) => `column ${name} is not known, and every write would wipe it`);
  return [...wrong, ...extra];
};

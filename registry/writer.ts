/** Rows on their way into a table, and how large inserts and reads get. */
import type { Database } from './client.ts';
import type { BatchLimits } from './coalesce.ts';
import { checkRow, encode } from './columns.ts';
import type { Table } from './tables.ts';

/** Largest insert: 10,000 rows or about 8 MB. */
export const INSERT_LIMITS: BatchLimits<string> = { items: 10_000, total: 8_000_000, size: (line) => line.length };

/** Largest `IN` list: it travels as a parameter, for which ClickHouse allows 128 KiB. */
export const READ_LIMITS: BatchLimits<unknown> = { items: 1_000, total: 1_000, size: () => 1 };

/** A row as it is sent. Throws RegistryRejected for a bad one: it would fail its whole insert. */
export const lineOf = (table: Table, row: object): string => {
  checkRow(table, row);
  return encode(table.columns, row);
};

/** Sends lines of `lineOf` as one insert; done when it is acknowledged. */
export const insertLines = (database: Database, table: Table, lines: string[]): Promise<void> =>
  database.insert(table.name, Object.keys(table.columns), lines);

/** Coalesced inserts into one table, and how large batches get. */
import type { Database } from './client.ts';
import { type BatchLimits, coalesce } from './coalesce.ts';
import { checkRow, encode } from './columns.ts';
import type { Table } from './tables.ts';

/** Largest insert: 10,000 rows or about 8 MB. */
export const INSERT_LIMITS: BatchLimits<string> = { items: 10_000, total: 8_000_000, size: (line) => line.length };

/** Largest `IN` list: it travels as a parameter, for which ClickHouse allows 128 KiB. */
export const READ_LIMITS: BatchLimits<unknown> = { items: 1_000, total: 1_000, size: () => 1 };

/**
 * Returns a function that writes one row and is done when the insert that carried it is acknowledged. Throws
 * RegistryRejected for a bad row before anything is sent, else what the insert throws.
 */
export const tableWriter = (database: Database, table: Table): ((row: object) => Promise<void>) => {
  const write = coalesce<string, undefined>(async (lines) => {
    await database.insert(table.name, Object.keys(table.columns), lines);
    return () => undefined;
  }, INSERT_LIMITS);
  return async (row) => {
    checkRow(table, row);
    await write(encode(table.columns, row));
  };
};

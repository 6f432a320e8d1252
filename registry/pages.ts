/** Pages that stay below Temporal's payload limit whatever the rows hold. */
import { jsonBytes, within } from '../domain/bytes.ts';
import { registryError } from './errors.ts';

/** Most bytes of UTF-8 JSON in the rows of a page; the rest up to 180 KiB is for what is around them. */
const PAGE_BYTES = 176 * 1024;

/** Most rows that are read for a page. */
const PAGE_ROWS = 10_000;

/** Rows of a page, and where the next one begins if there is one. */
export interface Page<Row> {
  rows: Row[];
  next?: string;
}

/** Checks the wanted number of rows; more than 10,000 means 10,000. Throws RegistryRejected unless it is a whole number from 1. */
export const pageRows = (limit: number): number => {
  if (Number.isInteger(limit) && limit >= 1) return Math.min(limit, PAGE_ROWS);
  throw registryError('RegistryRejected', `limit: expected a whole number from 1, got ${String(limit)}`);
};

/** A text of at most `bytes` as UTF-8 JSON; a character takes up to six bytes there. */
const cutToJson = (text: string, bytes: number): string =>
  jsonBytes(text) <= bytes
    ? text
    : `${text.slice(0, Math.max(0, Math.floor(bytes / 6) - 1)).replace(/\p{Surrogate}/gu, '')}…`;

/** A row of at most `bytes`: each long text and list is cut to its share. */
const cutRow = <Row extends object>(row: Row, bytes: number): Row => {
  const fields = Object.entries(row) as [string, unknown][];
  const share = Math.floor(bytes / fields.length) - Math.max(...fields.map(([name]) => name.length)) - 4;
  const cut = (value: unknown): unknown =>
    typeof value === 'string' ? cutToJson(value, share) : Array.isArray(value) ? within(value, share - 2) : value;
  return Object.fromEntries(fields.map(([name, value]) => [name, cut(value)])) as Row;
};

/**
 * Makes a page of at most `limit` rows and `bytes` from rows that were read with `LIMIT limit + 1`. `cursor` names a row's
 * place in the order. A page is never empty while rows are left: a first row that is too large is shortened.
 */
export const cutPage = <Row extends object>(
  rows: Row[],
  limit: number,
  cursor: (row: Row) => string,
  bytes: number = PAGE_BYTES,
): Page<Row> => {
  const kept: Row[] = [];
  let left = bytes;
  for (const row of rows.slice(0, limit)) {
    left -= jsonBytes(row) + 1;
    if (left < 0 && kept.length > 0) break;
    kept.push(left < 0 ? cutRow(row, bytes) : row);
    if (left < 0) break;
  }
  const last = rows[kept.length - 1];
  return last === undefined || kept.length === rows.length ? { rows: kept } : { rows: kept, next: cursor(last) };
};

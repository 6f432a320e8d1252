/**
 * Kinds of columns: which ClickHouse type holds them, which values may be written, and both ways of conversion.
 * Times are ISO 8601 here and integer milliseconds there: the only form that no server's time zone changes.
 */
import { registryError } from './errors.ts';

/** A kind of column. */
export interface Column {
  /** The ClickHouse types that will do, and the name of ours. */
  types: RegExp;
  typeName: string;
  /** What may be written, in words, and the test of it. */
  expected: string;
  accepts: (value: unknown) => boolean;
  /** Value for JSONEachRow. */
  store: (value: never) => unknown;
  /** SQL that reads column `name`; its alias is the name and `suffix`, as an alias hides a column of the same name in WHERE. */
  select: (name: string) => string;
  suffix: string;
  /** What was read, as our type has it. */
  load: (value: never) => unknown;
}

/** The columns of a table by name. */
export type Columns = Record<string, Column>;

/** A number as ClickHouse sends it: 64-bit ones come as text. */
export type Milliseconds = number | string;

/** Milliseconds of an ISO 8601 time with zone; null is 1970, the tables' "never". */
export const toMilliseconds = (time: string | null): number => (time === null ? 0 : Date.parse(time));

/** ISO 8601 in UTC with milliseconds; ClickHouse may give an Int64 as text. */
export const toTime = (milliseconds: Milliseconds): string => new Date(Number(milliseconds)).toISOString();

/** Like `toTime`, but 1970 is null. */
export const toTimeOrNull = (milliseconds: Milliseconds): string | null =>
  Number(milliseconds) === 0 ? null : toTime(milliseconds);

const plain = { store: (value: unknown) => value, select: (name: string) => name, suffix: '' };

const isText = (value: unknown): value is string => typeof value === 'string';

const STRING = { types: /^String$/, typeName: 'String' };
const LOW_CARDINALITY = { types: /^LowCardinality\(String\)$/, typeName: 'LowCardinality(String)' };

const textOf = (type: Pick<Column, 'types' | 'typeName'>, expected: string, accepts: Column['accepts']): Column => ({
  ...plain,
  ...type,
  expected,
  accepts,
  load: (value: string | null) => value ?? '',
});

/** Any text. */
export const text = textOf(STRING, 'text', isText);

/** Any text of which there are few. */
export const lowCardinality = textOf(LOW_CARDINALITY, 'text', isText);

/** Text that must match. */
export const textLike = (expected: string, pattern: RegExp): Column =>
  textOf(STRING, expected, (value) => isText(value) && pattern.test(value));

/** One of a few texts. */
export const oneOf = (values: readonly string[]): Column =>
  textOf(LOW_CARDINALITY, `one of ${values.join(', ')}`, (value) => isText(value) && values.includes(value));

/** The same column in a table of another team, where any kind of string will do. */
export const anyString = (column: Column): Column => ({
  ...column,
  types: /^(LowCardinality\()?(Nullable\()?String\)*$/,
  typeName: 'String',
});

/** A list of texts. */
export const texts: Column = {
  ...plain,
  types: /^Array\((LowCardinality\()?String\)+$/,
  typeName: 'Array(String)',
  expected: 'a list of texts',
  accepts: (value) => Array.isArray(value) && value.every(isText),
  load: (value) => value,
};

/** Yes or no. */
export const flag: Column = {
  ...plain,
  types: /^(UInt8|Bool)$/,
  typeName: 'UInt8',
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  store: (value: boolean) => (value ? 1 : 0),
  load: (value) => Boolean(value),
};

const isTime = (value: unknown): boolean => {
  if (!isText(value) || !/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)) return false;
  return Date.parse(value) >= 0;
};

/** A point in time. */
export const time: Column = {
  types: /^DateTime64\(3(, '(Etc\/)?UTC')?\)$/,
  typeName: 'DateTime64(3)',
  expected: 'an ISO 8601 time with zone, from 1970 on',
  accepts: isTime,
  store: toMilliseconds,
  select: (name) => `toUnixTimestamp64Milli(${name})`,
  suffix: '_ms',
  load: toTime,
};

/** A point in time, or null. */
export const timeOrNull: Column = {
  ...time,
  expected: `${time.expected}, or null`,
  accepts: (value) => value === null || isTime(value),
  load: toTimeOrNull,
};

/** A version: its digits don't fit into a JavaScript number. */
export const version: Column = {
  ...plain,
  types: /^UInt64$/,
  typeName: 'UInt64',
  expected: 'a whole number below 2^64 as text',
  accepts: (value) => isText(value) && /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n,
  select: (name) => `toString(${name})`,
  suffix: '_text',
  load: (value) => value,
};

/** The list of a SELECT that `decode` understands. */
export const selectList = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, column]) => `${column.select(name)} AS ${name}${column.suffix}`)
    .join(', ');

/** A row that was read with `selectList`: its fields are those of the columns. */
export const decode = (columns: Columns, stored: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, column.load(stored[name + column.suffix] as never)]),
  );

/** Throws RegistryRejected that lists every column whose value may not be written: one bad row would fail its whole batch. */
export const checkRow = (table: { name: string; columns: Columns }, row: object): void => {
  const values = row as Record<string, unknown>;
  const problems = Object.entries(table.columns)
    .filter(([name, column]) => !column.accepts(values[name]))
    .map(([name, column]) => `${name}: expected ${column.expected}, got ${show(values[name])}`);
  if (problems.length > 0) throw registryError('RegistryRejected', `row of ${table.name}: ${problems.join('; ')}`);
};

const show = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 100);

/** A checked row as a line of JSONEachRow. ClickHouse refuses half a surrogate pair, which cut texts can end with. */
export const encode = (columns: Columns, row: object): string => {
  const values = row as Record<string, unknown>;
  const stored = Object.entries(columns).map(([name, column]) => [name, column.store(values[name] as never)]);
  return JSON.stringify(Object.fromEntries(stored), (_, value: unknown) =>
    isText(value) ? value.replace(/\p{Surrogate}/gu, '\uFFFD') : value,
  );
};

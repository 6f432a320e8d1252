/** Versions of rows (design 2 and 3): none goes back, and none stands for two contents. */
import type { AccountRow } from '../../domain/contract.ts';
import type { Database } from '../../registry/client.ts';

/** The rows of `before` that are gone or older in `after`, or that differ in a version that is the same. */
export const undone = (before: AccountRow[], after: AccountRow[]): string[] => {
  const now = new Map(after.map((row) => [row.account_id, row]));
  return before.flatMap((row) => {
    const next = now.get(row.account_id);
    if (next && Number(next._version) > Number(row._version)) return [];
    return JSON.stringify(next) === JSON.stringify(row)
      ? []
      : [`${JSON.stringify(row)} became ${JSON.stringify(next)}`];
  });
};

/** A line of a table. */
interface Line {
  id: string;
  version: number;
  text: string;
}

/** From ClickHouse's own JSON. */
const lineOf = (key: string, text: string): Line => {
  const { [key]: id, _version } = JSON.parse(text) as Record<string, unknown>;
  return { id: String(id), version: Number(_version), text };
};

/**
 * Where a version was written with two contents, or what is shown isn't the newest version. A write that is repeated, or
 * that comes too late and loses, is none of these.
 */
export const versionBreaks = (key: string, written: string[], shown: string[]): string[] => {
  const [contents, newest] = [new Map<string, string>(), new Map<string, Line>()];
  const found: string[] = [];
  for (const line of written.map((text) => lineOf(key, text))) {
    const { id, version, text } = line;
    const name = `${id} in version ${version}`;
    const known = contents.get(name) ?? text;
    if (known !== text) found.push(`${name}: ${known} and ${text}`);
    contents.set(name, text);
    if (version >= (newest.get(id)?.version ?? 0)) newest.set(id, line);
  }
  const told = new Map(shown.map((text) => [lineOf(key, text).id, text]));
  for (const { id, text } of newest.values()) {
    if (told.get(id) !== text) found.push(`${id}: ${told.get(id) ?? 'nothing'} is shown, not ${text}`);
  }
  return found;
};

const TABLES = { aws_accounts: 'account_id', hierarchy_nodes: 'node_id' };

/** From now on the tables keep every version that is written. */
export const keepVersions = async (database: Database): Promise<void> => {
  for (const table of Object.keys(TABLES)) await database.run(table, `SYSTEM STOP MERGES polo.${table}`);
};

/** The same of everything that was written to rows and nodes since `keepVersions`. */
export const writtenBreaks = async (database: Database): Promise<string[]> => {
  const breaks = Object.entries(TABLES).map(async ([table, key]) => {
    const [written, shown] = await Promise.all(
      ['', 'FINAL'].map((final) => database.readLines(table, `SELECT * FROM polo.${table} ${final}`)),
    );
    return versionBreaks(key, written ?? [], shown ?? []);
  });
  return (await Promise.all(breaks)).flat();
};

/** The write of an account: its events, then its node, then its row (design 2). */
import type { AccountChange } from '../domain/account.ts';
import type { Database } from './client.ts';
import { coalesce } from './coalesce.ts';
import type { NodeLine, Nodes } from './nodes.ts';
import { ACCOUNTS, EVENTS } from './tables.ts';
import { INSERT_LIMITS, insertLines, lineOf, READ_LIMITS } from './writer.ts';

/** A change on its way out. */
interface ChangeLines {
  events: string[];
  node: NodeLine;
  row: string;
}

/** Other teams' columns of the nodes are read before, hence as many at once as a read takes. */
const LIMITS = {
  items: READ_LIMITS.items,
  total: INSERT_LIMITS.total,
  size: ({ events, node, row }: ChangeLines) => events.join().length + node.rest.length + row.length,
};

/**
 * Returns the function that writes one change; it is done when all three tables have acknowledged it. Changes that come
 * together leave as one insert a table, the next ones `pause` milliseconds later: ClickHouse wants about one insert a
 * second, since each makes a part that has to be merged (clickhouse.com/docs/best-practices/selecting-an-insert-strategy).
 * Without a pause they leave as soon as the insert before is done. Throws RegistryRejected before anything is sent if a row
 * is not valid, else what the insert throws.
 */
export const changeWriter = (
  database: Database,
  nodes: Nodes,
  pause?: number,
): ((change: AccountChange) => Promise<void>) => {
  const write = coalesce<ChangeLines, undefined>(
    async (changes) => {
      await insertLines(
        database,
        EVENTS,
        changes.flatMap(({ events }) => events),
      );
      await nodes.insert(changes.map(({ node }) => node));
      await insertLines(
        database,
        ACCOUNTS,
        changes.map(({ row }) => row),
      );
      return () => undefined;
    },
    LIMITS,
    pause,
  );
  return async ({ events, node, row }) => {
    await write({
      events: events.map((event) => lineOf(EVENTS, event)),
      node: nodes.lineOf(node),
      row: lineOf(ACCOUNTS, row),
    });
  };
};

/** The account registry (design 2): everything that is read from and written to ClickHouse. */
import { readFile } from 'node:fs/promises';
import {
  type AccountChange,
  type AccountRecord,
  type HierarchyNode,
  isAccountId,
  type AccountSelection,
  type SelectedAccount,
  type WholeNode,
} from '../domain/account.ts';
import { recordAfter } from '../domain/change.ts';
import type { CollectionTarget } from '../domain/collection.ts';
import type { AccountEvent, AccountFilter, AccountRow } from '../domain/contract.ts';
import type { CoverageFacts } from '../domain/coverage.ts';
import type { CoverageChanges } from '../domain/coverageHistory.ts';
import type { EndingExclusion, Happened, Several } from '../domain/digest.ts';
import type { NewsCandidate, SlackState } from '../domain/news.ts';
import {
  type AccountQuestion,
  type ActiveAccount,
  countAccounts,
  readAccounts,
  readRows,
  sampleActiveAccounts,
} from './accounts.ts';
import { changeWriter } from './changes.ts';
import { type Database, openDatabase, type RegistryOptions } from './client.ts';
import { coalesce } from './coalesce.ts';
import { type CoverageQuestion, readCoverageFacts, readLastCompleteDiscovery } from './coverage.ts';
import { readCoverageChanges } from './coverageHistory.ts';
import { isRegistryError, registryError } from './errors.ts';
import { type HistoryQuestion, readFolds, readHistory } from './events.ts';
import { type ExclusionQuestion, readEndingExclusions } from './exclusions.ts';
import { type NewsQuestion, readHappened, readNewsCandidates, readSlackState } from './news.ts';
import { type Nodes, openNodes } from './nodes.ts';
import { findUnmatched, readKnownAccountIds, selectAccounts, selectTargets } from './selection.ts';
import { checkShape } from './shape.ts';
import { ACCOUNTS, EVENTS } from './tables.ts';
import { INSERT_LIMITS, insertLines, lineOf, READ_LIMITS } from './writer.ts';

/**
 * An open registry. Every call throws RegistryErrors only. A read sees every write that was acknowledged before it began.
 * Pages are ordered by their key, begin after `after` (the `next` of the page before), hold at most `limit` rows and
 * 180 KiB of JSON, and have `next` if more follows.
 */
export interface Registry {
  /**
   * All that is known of an account; loads that come together leave as one. One of which nothing is stored is written as
   * `ifNew` first.
   */
  loadAccount: (accountId: string, ifNew?: AccountChange) => Promise<AccountRecord>;
  /**
   * Writes events, then node, then row, each acknowledged before the next; nothing if one of them is not valid. Changes
   * that come together leave as one insert a table.
   */
  writeAccount: (change: AccountChange) => Promise<void>;
  appendEvents: (events: AccountEvent[]) => Promise<void>;
  /** Id of the organization whose node is active. */
  readOrganizationId: () => Promise<string | undefined>;
  /** Nodes of the organization and its units, active or not; pages of at most 96 KiB. */
  readUnitNodes: (input: { after?: string }) => Promise<{ nodes: HierarchyNode[]; next?: string }>;
  readNode: (nodeId: string) => Promise<HierarchyNode | undefined>;
  /** At most 1,000 at once. */
  writeNodes: (nodes: WholeNode[]) => Promise<void>;
  /** Accounts that have not left the organization. */
  readKnownAccountIds: (input: { after?: string; limit: number }) => Promise<{ accountIds: string[]; next?: string }>;
  /** Accounts by id, status or organizational unit. */
  selectAccounts: (
    input: AccountSelection & { after?: string; limit: number },
  ) => Promise<{ accounts: SelectedAccount[]; next?: string }>;
  /** Accounts that a collection means, whatever their status. */
  selectTargets: (input: {
    include?: AccountFilter;
    exclude?: AccountFilter;
    after?: string;
    limit: number;
  }) => Promise<{ targets: CollectionTarget[]; next?: string }>;
  /** Named ids and units that no account fits. */
  findUnmatched: (input: { accountIds: string[]; orgUnits: string[] }) => Promise<string[]>;
  /** ISO 8601; null if there was none. */
  readLastCompleteDiscovery: () => Promise<string | null>;
  /** Active accounts, spread over the table. */
  sampleActiveAccounts: (limit: number) => Promise<ActiveAccount[]>;
  readAccounts: (
    input: AccountQuestion & { after?: string; limit: number },
  ) => Promise<{ accounts: AccountRow[]; next?: string }>;
  /** How many accounts there are, and how many of them up to and including the id `after`. */
  countAccounts: (input: AccountQuestion & { after?: string }) => Promise<{ total: number; before: number }>;
  readHistory: (input: HistoryQuestion) => Promise<{ history: AccountEvent[]; next?: string }>;
  /** Excluded accounts in the organization whose exclusion ends within a time; texts are cut. */
  readEndingExclusions: (question: ExclusionQuestion) => Promise<Several<EndingExclusion>>;
  readSlackState: () => Promise<SlackState>;
  /** What happened to accounts since a time (ISO 8601); texts are cut. */
  readHappened: (since: string) => Promise<Happened>;
  /** A page by number only: it stays in the process. */
  readNewsCandidates: (question: NewsQuestion) => Promise<{ candidates: NewsCandidate[]; next?: string }>;
  /** Never a page: it stays in the process. */
  readCoverageFacts: (question: CoverageQuestion) => Promise<CoverageFacts>;
  /** Until `now` in milliseconds; undefined before the first account. */
  readCoverageChanges: (now: number) => Promise<CoverageChanges | undefined>;
  /** Compares the tables again, as `openRegistry` has done. Throws RegistryShape with every difference. */
  checkTables: () => Promise<void>;
  /** Resolves if the registry answers a SELECT with the rights of its user. */
  ping: () => Promise<void>;
  close: () => Promise<void>;
}

/** In this order; `npm run build` copies them beside the compiled code. */
const STATEMENTS = ['1-database.sql', '2-aws-accounts.sql', '3-hierarchy-nodes.sql', '4-aws-account-events.sql'];

/**
 * Opens the registry: creates what is missing, then compares all tables. Throws RegistryUnavailable, RegistryRejected
 * (settings, rights), RegistryLocked (embedded only) or RegistryShape with every difference.
 */
export const openRegistry = async (options: RegistryOptions): Promise<Registry> => {
  const database = await openDatabase(options);
  try {
    const shape = await checkShape(database, await createTables(database));
    return registryOf(database, openNodes(database, shape), options);
  } catch (error) {
    await database.close();
    throw error;
  }
};

/** Applies the SQL files. A refused statement is no error yet: the tables may exist already, made by somebody with more rights. */
const createTables = async (database: Database): Promise<Error[]> => {
  const refused: Error[] = [];
  for (const file of STATEMENTS) {
    const statement = await readFile(new URL(file, import.meta.url), 'utf8');
    try {
      await database.run(`applying ${file}`, statement.replace(/\bpolo\b/g, database.name));
    } catch (error) {
      if (!isRegistryError(error) || error.code !== 'RegistryRejected') throw error;
      refused.push(error);
    }
  }
  return refused;
};

const registryOf = (database: Database, nodes: Nodes, { readPause, writePause }: RegistryOptions): Registry => {
  const writeAccount = changeWriter(database, nodes, writePause);
  const load = coalesce<string, AccountRecord>(
    async (accountIds) => {
      const [rows, found, foldOf] = await Promise.all([
        readRows(database, accountIds),
        nodes.read(accountIds),
        readFolds(database, accountIds),
      ]);
      return (accountId) => {
        const row = rows.get(accountId);
        const node = found.get(accountId);
        return { ...(row && { row }), ...(node && { node }), ...foldOf(accountId) };
      };
    },
    READ_LIMITS,
    readPause,
  );
  const writeEvent = coalesce<string, undefined>(async (lines) => {
    await insertLines(database, EVENTS, lines);
    return () => undefined;
  }, INSERT_LIMITS);

  return {
    loadAccount: async (accountId, ifNew) => {
      if (!isAccountId(accountId))
        throw registryError('RegistryRejected', `accountId: expected 12 digits, got ${JSON.stringify(accountId)}`);
      const record = await load(accountId);
      // The version of a node that is there already has to be known before the next one is chosen.
      if (record.row || record.node || !ifNew) return record;
      await writeAccount(ifNew);
      return recordAfter(record, ifNew);
    },
    writeAccount,
    appendEvents: async (events) => {
      const lines = events.map((event) => lineOf(EVENTS, event));
      await Promise.all(lines.map(writeEvent));
    },
    readOrganizationId: nodes.readOrganizationId,
    readUnitNodes: nodes.readUnits,
    readNode: async (nodeId) => (await nodes.read([nodeId])).get(nodeId),
    writeNodes: (written) => nodes.insert(written.map(nodes.lineOf)),
    readKnownAccountIds: (input) => readKnownAccountIds(database, input),
    selectAccounts: (input) => selectAccounts(database, input),
    selectTargets: (input) => selectTargets(database, input),
    findUnmatched: (input) => findUnmatched(database, input),
    readLastCompleteDiscovery: () => readLastCompleteDiscovery(database),
    sampleActiveAccounts: (limit) => sampleActiveAccounts(database, limit),
    readAccounts: (input) => readAccounts(database, input),
    countAccounts: (input) => countAccounts(database, input),
    readHistory: (input) => readHistory(database, input),
    readEndingExclusions: (question) => readEndingExclusions(database, question),
    readSlackState: () => readSlackState(database),
    readHappened: (since) => readHappened(database, since),
    readNewsCandidates: (question) => readNewsCandidates(database, question),
    readCoverageFacts: (question) => readCoverageFacts(database, question),
    readCoverageChanges: (now) => readCoverageChanges(database, now),
    checkTables: async () => {
      await checkShape(database, []);
    },
    ping: async () => {
      const table = `${database.name}.${ACCOUNTS.name}`;
      await database.read(table, `SELECT account_id FROM ${table} FINAL WHERE account_id = ''`);
    },
    close: database.close,
  };
};

/** The two places where a registry can be, for suites that run on both, and rows to put into it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WholeNode } from '../../domain/account.ts';
import type { AccountEvent, AccountRow } from '../../domain/contract.ts';
import { type Database, openDatabase, type RegistryOptions } from '../../registry/client.ts';
import { openRegistry, type Registry } from '../../registry/registry.ts';
import { type ClickHouseUser, startClickHouse } from './clickhouseServer.ts';

/** One place. Everything that was opened is closed by `closeAll`, at the latest by `stop`. */
export interface Place {
  /** Options of a registry in the given database of this place. */
  options: (database: string) => RegistryOptions;
  openRegistry: (database: string) => Promise<Registry>;
  /** Opens a database for statements of the test's own. */
  openDatabase: (database: string) => Promise<Database>;
  closeAll: () => Promise<void>;
  stop: () => Promise<void>;
}

const OWNER: ClickHouseUser = { user: 'polo', password: 'correcthorse' };

const placeAt = (optionsOf: Place['options'], remove: () => Promise<void>): Place => {
  let opened: { close: () => Promise<void> }[] = [];
  const kept = async <Thing extends { close: () => Promise<void> }>(thing: Promise<Thing>): Promise<Thing> => {
    opened.push(await thing);
    return thing;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.map((thing) => thing.close()));
    opened = [];
  };
  return {
    options: optionsOf,
    openRegistry: (database) => kept(openRegistry(optionsOf(database))),
    openDatabase: (database) => kept(openDatabase(optionsOf(database))),
    closeAll,
    stop: async () => {
      await closeAll();
      await remove();
    },
  };
};

/** Starts each place by name. The embedded engine allows one directory per process, so stop one before starting another. */
export const PLACES: Record<string, () => Promise<Place>> = {
  embedded: async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'polo-registry-'));
    return placeAt(
      (database) => ({ database, dataDir }),
      () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }),
    );
  },
  'ClickHouse over HTTP': async () => {
    const server = await startClickHouse(OWNER);
    return placeAt((database) => ({ database, url: server.url, sequentialReads: false, ...OWNER }), server.stop);
  },
};

/** A time of the test, `minutes` after noon. */
export const at = (minutes: number): string => new Date(Date.UTC(2026, 1, 3, 12, minutes, 0, 789)).toISOString();

/** A row of an active account that was just scanned. */
export const rowOf = (accountId: string, changes: Partial<AccountRow> = {}): AccountRow => ({
  account_id: accountId,
  account_name: `account ${accountId}`,
  account_email: `${accountId}@example.com`,
  org_unit: '/Workloads/Production',
  polo_status: 'active',
  polo_read_role: `arn:aws:iam::${accountId}:role/test-PoloReadRole`,
  polo_action_role: `arn:aws:iam::${accountId}:role/polo-action-role`,
  last_successful_scan: at(0),
  last_scan_error: '',
  account_role: 'prod',
  owner: 'team-a',
  discovered_at: at(-600),
  updated_at: at(0),
  _version: '1',
  ...changes,
});

/** The node of an account, or of what `changes` say. */
export const nodeOf = (nodeId: string, changes: Partial<WholeNode> = {}): WholeNode => ({
  node_id: nodeId,
  node_type: 'account',
  parent_id: 'ou-root-1',
  name: `account ${nodeId}`,
  path: ['Workloads', 'Production', `account ${nodeId}`],
  is_active: true,
  updated_at: at(0),
  _version: '1',
  ...changes,
});

/** An event at a minute; its id follows from account, kind and minute. */
export const eventOf = (
  accountId: string,
  kind: string,
  minutes: number,
  changes: Partial<AccountEvent> = {},
): AccountEvent => ({
  event_id: `command-${String(minutes)}-${accountId}/${kind}`,
  account_id: accountId,
  at: at(minutes),
  kind,
  from_status: '',
  to_status: '',
  reason: '',
  actor: 'discoverAccounts',
  until: null,
  workflow_id: `account/${accountId}`,
  run_id: 'run-1',
  ...changes,
});

/** The id of an account by number. */
export const idOf = (index: number): string => String(index).padStart(12, '0');

/** What a test of `onEveryPlace` works with: a registry in a database of its own. */
export interface Case extends Pick<Place, 'options' | 'closeAll'> {
  database: string;
  registry: Registry;
  /** Opens the same registry once more. */
  reopen: () => Promise<Registry>;
  /** Opens the same database for statements of the test's own. */
  openDatabase: () => Promise<Database>;
}

/** Declares the same tests for every place. `current` is filled anew before each test. */
export const onEveryPlace = (title: string, declare: (current: Case) => void): void => {
  for (const [name, start] of Object.entries(PLACES)) {
    describe(`${title}, ${name}`, () => {
      const current = {} as Case;
      let place: Place;
      let cases = 0;
      before(async () => {
        place = await start();
      });
      beforeEach(async () => {
        const database = `case_${String((cases += 1))}`;
        Object.assign(current, {
          database,
          options: place.options,
          closeAll: place.closeAll,
          reopen: () => place.openRegistry(database),
          openDatabase: () => place.openDatabase(database),
          registry: await place.openRegistry(database),
        } satisfies Case);
      });
      afterEach(() => place.closeAll());
      after(() => place.stop());
      declare(current);
    });
  }
};

/** What a run has cost: time, CPU and memory of its processes, and what Temporal and ClickHouse had to keep. */
import type { Client } from '@temporalio/client';
import type { Database } from '../registry/client.ts';
import { cpuSeconds, findDescendant, peakMemory } from '../test/support/usage.ts';
import { tracesOf, type Traces } from './traces.ts';

/** One run. What doesn't apply is left out. CPU in milliseconds, memory in MiB. */
export interface Cost {
  seconds: number;
  accountsPerSecond: number;
  cpuMsPerAccount: number;
  workerCpuMsPerAccount: number;
  serverCpuMsPerAccount?: number;
  peakMemoryMiB: number;
  /** From the start of the worker's process until it polls. */
  workerStartSeconds?: number;
  /** Of all workflows together, as `Traces` has it. */
  historyEvents?: number;
  historyBytes?: number;
  longestHistory?: number;
  largestPayloadKiB?: number;
  cloudActionsPerAccount?: number;
  clickhouseInserts?: number;
  clickhouseSelects?: number;
  clickhouseParts?: number;
}

/** Who works: the processes whose CPU counts as the worker's, and what they work with. */
export interface Workplace {
  workers: number[];
  client?: Client;
  database?: Database;
}

/** Runs `work` and tells its cost per account. */
export const costOf = async (accounts: number, workplace: Workplace, work: () => Promise<unknown>): Promise<Cost> => {
  const { workers, client, database } = workplace;
  const server = client && (await findDescendant('temporal'));
  const sum = async (pids: number[]): Promise<number> =>
    (await Promise.all(pids.map(cpuSeconds))).reduce((total, seconds) => total + seconds, 0);
  const read = async (): Promise<[number, number, Queries]> => [
    await sum(workers),
    server === undefined ? 0 : await cpuSeconds(server),
    database ? await queriesOf(database) : NO_QUERIES,
  ];
  const before = await read();
  const [began, started] = [new Date(), performance.now()];
  await work();
  const seconds = (performance.now() - started) / 1_000;
  const after = await read();
  const [workerCpu, serverCpu] = [after[0] - before[0], after[1] - before[1]];
  const perAccount = (cpu: number): number => (1_000 * cpu) / accounts;
  return {
    seconds,
    accountsPerSecond: accounts / seconds,
    cpuMsPerAccount: perAccount(workerCpu + serverCpu),
    workerCpuMsPerAccount: perAccount(workerCpu),
    ...(server !== undefined && { serverCpuMsPerAccount: perAccount(serverCpu) }),
    peakMemoryMiB: (await Promise.all(workers.map(peakMemory))).reduce((total, memory) => total + memory, 0),
    ...(client && shownOf(await tracesOf(client, began), accounts)),
    ...(database && {
      clickhouseInserts: after[2].InsertQuery - before[2].InsertQuery,
      clickhouseSelects: after[2].SelectQuery - before[2].SelectQuery,
      clickhouseParts: await partsOf(database),
    }),
  };
};

const shownOf = (traces: Traces, accounts: number): Partial<Cost> => {
  const { largestPayload, cloudActions, ...rest } = traces;
  return { ...rest, largestPayloadKiB: largestPayload / 1_024, cloudActionsPerAccount: cloudActions / accounts };
};

const numberOf = async (database: Database, query: string): Promise<number> => {
  const [row] = await database.read<{ n: number | string }>('system', query);
  return Number(row?.n);
};

/** What a server has been asked so far, by ClickHouse's own counters. */
interface Queries {
  InsertQuery: number;
  SelectQuery: number;
}

const NO_QUERIES: Queries = { InsertQuery: 0, SelectQuery: 0 };

const queriesOf = async (database: Database): Promise<Queries> => {
  const count = (event: keyof Queries): Promise<number> =>
    numberOf(database, `SELECT sum(value) AS n FROM system.events WHERE event = '${event}'`);
  return { InsertQuery: await count('InsertQuery'), SelectQuery: await count('SelectQuery') };
};

const partsOf = (database: Database): Promise<number> =>
  numberOf(database, `SELECT count() AS n FROM system.parts WHERE active AND database = '${database.name}'`);

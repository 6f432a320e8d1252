/** A first discovery of an organization: ours beside the floor, the naive way and the bare script. */
import type { DiscoverAccountsResult } from '../domain/contract.ts';
import { startPolo } from '../test/support/polo.ts';
import type { Contestants } from './contest.ts';
import { costOf, type Cost } from './cost.ts';
import { awsEnvironment, SITE, type Stand } from './stand.ts';
import { startFanOut } from './startFanOut.ts';

/** As fast as this machine can. */
const UNPACED = { POLO_ORGANIZATIONS_RATE: '1000', POLO_STS_RATE: '1000' };

/** What may differ between two of our discoveries. */
export interface Variant {
  /** Part of the worker's environment. */
  pace: Record<string, string>;
  /** The worker's own embedded registry; its inserts are not counted. */
  embedded?: boolean;
  /** All accounts are known and nothing has changed, as on most days. */
  again?: boolean;
}

/** Our discovery, by the production build. */
export const discovery =
  ({ pace, embedded = false, again = false }: Variant) =>
  async (stand: Stand, accounts: number): Promise<Cost> => {
    const { env, database } = embedded ? { env: {}, database: undefined } : await stand.newDatabase();
    const site = { POLO_ENV: SITE.env, POLO_EXTERNAL_ID: SITE.externalId, AWS_ENDPOINT_URL: stand.sandboxUrl };
    const settings = { POLO_ACCOUNT_TAGS: 'off', POLO_TIME_SCALE: '1', ...site, ...env, ...pace };
    const polo = await startPolo({ worker: false, accounts: 1, env: settings });
    try {
      const starting = performance.now();
      const worker = await polo.startWorker();
      const workerStartSeconds = (performance.now() - starting) / 1_000;
      if (again) await polo.discover();
      const workplace = { workers: [worker.pid], client: polo.client, ...(database && { database }) };
      const cost = await costOf(accounts, workplace, async () => {
        const { complete, listed, failures } = await polo.run<DiscoverAccountsResult>('discoverAccounts');
        if (complete && listed === accounts) return;
        throw new Error(
          `expected all ${String(accounts)} accounts, got ${String(listed)}: ${JSON.stringify(failures)}`,
        );
      });
      return { ...cost, workerStartSeconds };
    } finally {
      await polo.stop();
    }
  };

/** One empty child per account, in our batches. */
export const floor = async (stand: Stand, accounts: number): Promise<Cost> => {
  const fanOut = await startFanOut(stand, {});
  try {
    return await costOf(accounts, fanOut, () => fanOut.run('floor', accounts));
  } finally {
    await fanOut.stop();
  }
};

const naive = async (stand: Stand, accounts: number): Promise<Cost> => {
  const { env, database } = await stand.newDatabase();
  const fanOut = await startFanOut(stand, env);
  try {
    return await costOf(accounts, { ...fanOut, database }, () => fanOut.run('naive'));
  } finally {
    await fanOut.stop();
  }
};

const bare = async (stand: Stand): Promise<Cost> => {
  const { env } = await stand.newDatabase();
  return stand.runScript<Cost>('bare.ts', { ...awsEnvironment(stand), ...env });
};

/** Nothing waits: what each way costs by itself. */
export const unpaced = (variant: Omit<Variant, 'pace'>): Contestants => ({
  ours: discovery({ ...variant, pace: UNPACED }),
  floor,
  naive,
  bare,
});

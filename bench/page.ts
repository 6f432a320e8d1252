/** The front page over many accounts, opened again and again: ours beside its readings alone, without page, HTTP and sharing. */
import PQueue from 'p-queue';
import { coverageReader } from '../worker/coverage.ts';
import { openRegistry } from '../registry/registry.ts';
import { startPolo } from '../test/support/polo.ts';
import type { Contestants } from './contest.ts';
import { costOf, type Cost } from './cost.ts';
import { fillRegistry } from './plainAws.ts';
import { SITE, type Stand } from './stand.ts';

/** Times that the page is opened, and how many readers do so at once. */
const LOADS = 100;
const READERS = 10;

const load = (once: (load: number) => Promise<unknown>): Promise<unknown> =>
  new PQueue({ concurrency: READERS }).addAll(Array.from({ length: LOADS }, (_, index) => () => once(index)));

const ours = async (stand: Stand, accounts: number): Promise<Cost> => {
  const { env, options, database } = await stand.newDatabase();
  await fillRegistry(options, accounts);
  const polo = await startPolo({ worker: false, accounts: 1, env: { POLO_ENV: SITE.env, ...env } });
  try {
    const { pid, statusUrl } = await polo.startWorker();
    return await costOf(accounts * LOADS, { workers: [pid], database }, () =>
      // Each reader asks for something else, so that no answer serves two.
      load(async (index) => {
        const response = await fetch(`${statusUrl}/?q=${String(index)}`);
        await response.text();
        if (response.status !== 200) throw new Error(`expected 200, got ${String(response.status)}`);
      }),
    );
  } finally {
    await polo.stop();
  }
};

const bare = async (stand: Stand, accounts: number): Promise<Cost> => {
  const { options, database } = await stand.newDatabase();
  await fillRegistry(options, accounts);
  const registry = await openRegistry(options);
  const coverage = coverageReader(registry, true);
  try {
    return await costOf(accounts * LOADS, { workers: [process.pid], database }, () =>
      load((index) =>
        Promise.all([
          coverage(),
          registry.readAccounts({ search: String(index), limit: 100 }),
          registry.readCoverageChanges(Date.now()),
        ]),
      ),
    );
  } finally {
    await registry.close();
  }
};

export const page: Contestants = { ours, bare };

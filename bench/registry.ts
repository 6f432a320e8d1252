/** Writes of accounts: ours, which leave together, beside one insert per row and table. */
import PQueue from 'p-queue';
import { openRegistry } from '../registry/registry.ts';
import type { Contestants } from './contest.ts';
import { costOf, type Cost } from './cost.ts';
import { changeOf } from './plainAws.ts';
import type { Stand } from './stand.ts';

/** Writes so many accounts, some at a time, from this process. */
const write =
  (concurrency: number) =>
  async (stand: Stand, accounts: number): Promise<Cost> => {
    const { options, database } = await stand.newDatabase();
    const registry = await openRegistry(options);
    const queue = new PQueue({ concurrency });
    try {
      return await costOf(accounts, { workers: [process.pid], database }, () =>
        queue.addAll(
          Array.from({ length: accounts }, (_, index) => async () => {
            await registry.writeAccount(changeOf(String(index + 1).padStart(12, '0'), true));
          }),
        ),
      );
    } finally {
      await registry.close();
    }
  };

/** As many at a time as a discovery holds; one at a time is what every account on its own would do. */
export const registry: Contestants = { ours: write(100), naive: write(1) };

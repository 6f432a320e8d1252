/** Sees whether a worker polls the collectors' task queue: without one their workflows would only wait for their time limits. */
import { type CancellationScope, sleep } from '@temporalio/workflow';
import { isPolled } from '../domain/taskQueue.ts';
import { readTaskQueue } from './activities.ts';
import type { CollectionRun } from './collectionRun.ts';

/** Returns when a worker polls, or stops the run after a minute without one; then goes on looking within the scope. */
export const watchTaskQueue = async (run: CollectionRun, scope: CancellationScope): Promise<void> => {
  const { taskQueue } = run.request;
  const { queuePatience, queuePause, queueWatch } = run.settings.durations;
  const isPolledNow = async (): Promise<boolean> => isPolled((await readTaskQueue(taskQueue)).polledAgo ?? undefined);
  if (run.stopped() !== undefined) return;
  const nobodyPolls = `no worker polls ${taskQueue}`;
  for (const until = Date.now() + queuePatience; !(await isPolledNow());) {
    if (Date.now() >= until) {
      run.stop(nobodyPolls);
      return;
    }
    await sleep(queuePause);
  }
  const goOnLooking = async (): Promise<void> => {
    // Where collectors take hours, the looks alone would make the history too long.
    while (!run.historyIsLong()) {
      await sleep(queueWatch);
      if (!(await isPolledNow())) run.stop(nobodyPolls);
    }
  };
  // It ends by cancellation, when nobody needs it any more.
  void scope.run(goOnLooking).catch(() => undefined);
};

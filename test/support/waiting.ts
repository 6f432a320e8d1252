/** Waiting for something to be the case, however long that takes; mocha's time limit ends what never comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { callCounts } from './discovery.ts';
import type { Polo } from './polo.ts';

/** The first answer that isn't undefined. */
export const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    await sleep(20);
  }
};

/** Waits until the sandbox has been asked so many times in all, e.g. for `sts.AssumeRole`. */
export const untilCalls = async (polo: Polo, operation: string, count: number): Promise<void> => {
  await until(async () => ((await callCounts(polo))[operation] ?? 0) >= count || undefined);
};

/** Waits until the history of a running workflow holds an event with these attributes. */
export const untilEvent = async (
  polo: Polo,
  workflowId: string,
  attributes:
    'activityTaskScheduled' | 'childWorkflowExecutionStarted' | 'timerStarted' | 'workflowExecutionUpdateAccepted',
  count = 1,
): Promise<void> => {
  await until(async () => {
    const { client } = polo;
    // Of an earlier run under the same id nothing counts.
    const described = await client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => undefined);
    if (described?.status.name !== 'RUNNING') return undefined;
    const { events } = await client.workflow.getHandle(workflowId, described.runId).fetchHistory();
    const found = (events ?? []).filter((event) => event[`${attributes}EventAttributes`]);
    return found.length >= count || undefined;
  });
};

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

/** How long nothing may run under a workflow's id before the one who waits for its events gives up, in milliseconds. */
const ABSENCE = 30_000;

/** Waits until the history of a running workflow holds an event with these attributes. Throws when it has ended without. */
export const untilEvent = async (
  polo: Polo,
  workflowId: string,
  attributes:
    'activityTaskScheduled' | 'childWorkflowExecutionStarted' | 'timerStarted' | 'workflowExecutionUpdateAccepted',
  count = 1,
): Promise<void> => {
  let seen = Date.now();
  await until(async () => {
    const { client } = polo;
    // Of an earlier run under the same id nothing counts.
    const described = await client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => undefined);
    if (described?.status.name !== 'RUNNING') {
      if (Date.now() - seen < ABSENCE) return undefined;
      throw new Error(
        `${workflowId} is ${described?.status.name ?? 'not there'}, expected one that runs: ${attributes}`,
      );
    }
    seen = Date.now();
    const { events } = await client.workflow.getHandle(workflowId, described.runId).fetchHistory();
    const found = (events ?? []).filter((event) => event[`${attributes}EventAttributes`]);
    return found.length >= count || undefined;
  });
};

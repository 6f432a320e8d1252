/** The example collector in the demo: a Temporal schedule has it collect from every account. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleHandle } from '@temporalio/client';
import { followWorkflow, type Desk } from '../client/workflows.ts';
import { collectionFailureLine } from '../domain/collection.ts';
import { TASK_QUEUE, type CollectAcrossAccountsInput, type CollectAcrossAccountsResult } from '../domain/contract.ts';

/** What `examples/collector` calls its workflow and its task queue. */
export const EXAMPLE = {
  workflowType: 'collectExample',
  taskQueue: 'example-collector',
} satisfies CollectAcrossAccountsInput;

/** Id of the schedule, and beginning of the ids of the workflows that it starts. */
const SCHEDULE_ID = 'example-collector';

/** Pause between two looks at what the schedule has started, in milliseconds. */
const PAUSE = 200;

/** Has the schedule start a collection now, creating it where it is missing, and waits for the result. */
export const collectNow = async (desk: Desk): Promise<CollectAcrossAccountsResult> => {
  const { client } = desk;
  const schedule = client.schedule.getHandle(SCHEDULE_ID);
  const earlier = await startedBy(schedule);
  if (earlier === undefined) await create(client);
  else await schedule.trigger(ScheduleOverlapPolicy.ALLOW_ALL);
  for (;;) {
    const workflowId = (await startedBy(schedule))?.find((id) => !earlier?.includes(id));
    if (workflowId !== undefined) {
      return followWorkflow(desk, client.workflow.getHandle(workflowId), workflowId);
    }
    await sleep(PAUSE);
  }
};

const create = (client: Client): Promise<ScheduleHandle> =>
  client.schedule.create({
    scheduleId: SCHEDULE_ID,
    spec: { intervals: [{ every: '10 minutes' }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'collectAcrossAccounts',
      args: [EXAMPLE],
      workflowId: SCHEDULE_ID,
      taskQueue: TASK_QUEUE,
      staticSummary: 'example collector, by schedule',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    state: { triggerImmediately: true, note: 'Created by npm start; see examples/collector.' },
  });

/** Ids of the workflows that the schedule started last; undefined if there is no schedule. */
const startedBy = async (schedule: ScheduleHandle): Promise<string[] | undefined> => {
  try {
    const { info } = await schedule.describe();
    return info.recentActions.map(({ action: { workflow } }) => workflow.workflowId);
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
};

/** A collection's result for people: counts, then every failure that is named in it. */
export const collectionText = ({
  matched,
  succeeded,
  failed,
  skipped,
  failures,
}: CollectAcrossAccountsResult): string =>
  [
    `Collected from ${String(succeeded)} of ${String(matched)} accounts, ${String(skipped)} skipped, ${String(failed)} failed.`,
    ...failures.map(collectionFailureLine),
  ].join('\n');

/** The workflow id is the lock (design 1): a run under another id starts the locked one, or joins the one that runs. */
import { executeChild, isCancellation, ParentClosePolicy, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { sameInput } from '../domain/inputs.ts';
import { awaitRun, findLockHolder } from './activities.ts';

/**
 * Runs a workflow type under its locking id and returns its result. A running one with the same input is joined; with
 * another input it is waited for first. Cancelling cancels what was started here, never what was joined.
 */
export const runUnderLock = async <Result>(lockId: string, workflowType: string, input: object): Promise<Result> => {
  for (;;) {
    try {
      setCurrentDetails(`Runs as ${lockId}: see there.`);
      return await executeChild<(input: object) => Promise<Result>>(workflowType, {
        workflowId: lockId,
        args: [input],
        staticSummary: `for ${workflowInfo().workflowId}`,
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const holder = await findLockHolder(lockId);
    if (holder === null) continue;
    const same = sameInput(holder.input, input);
    setCurrentDetails(
      `${lockId} is running (run ${holder.runId}): waiting for ${same ? 'its result' : 'its end, then starting our own'}.`,
    );
    const outcome = awaitRun(lockId, holder.runId);
    if (same) return (await outcome) as Result;
    await outcome.catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
  }
};

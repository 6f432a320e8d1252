/** The workflow id is the lock (design 1): a run under another id starts the locked one, or joins the one that runs. */
import { executeChild, isCancellation, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { sameInput } from '../domain/inputs.ts';
import { awaitRun, findLockHolder } from './activities.ts';

/** What is to run under which lock. */
interface LockedWork {
  lockId: string;
  workflowType: string;
  input: object;
  /** Whether a run with this input does our work; by default one with the same input. */
  isOurs?: (input: unknown) => boolean;
  /** Hears what is waited for. */
  tell: (words: string) => void;
}

/**
 * Runs a workflow type under its locking id and returns its result. A running one that does the same is joined; another one
 * is waited for first. Cancelling cancels what was started here, never what was joined.
 */
export const runUnderLock = async <Result>(work: LockedWork): Promise<Result> => {
  const { lockId, workflowType, input, isOurs = (other) => sameInput(other, input), tell } = work;
  for (;;) {
    try {
      tell(`Runs as ${lockId}: see there.`);
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
    const ours = isOurs(holder.input);
    tell(
      `${lockId} is running (run ${holder.runId}): waiting for ${ours ? 'its result' : 'its end, then starting our own'}.`,
    );
    const outcome = awaitRun(lockId, holder.runId);
    if (ours) return (await outcome) as Result;
    await outcome.catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
  }
};

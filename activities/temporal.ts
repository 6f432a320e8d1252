/** Temporal itself: hands commands to account workflows that run already, and looks at runs that hold a lock. */
import { Context } from '@temporalio/activity';
import {
  WithStartWorkflowOperation,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  defaultPayloadConverter,
  TimeoutFailure,
  WorkflowIdConflictPolicy,
} from '@temporalio/common';
import type { AccountCommand, CommandResult } from '../domain/commands.ts';
import { LIMITS } from '../domain/durations.ts';
import { accountWorkflowId } from '../domain/contract.ts';
import { cutText } from '../domain/bytes.ts';
import type { FailureCode } from '../domain/failures.ts';
import { sinceLastPoll } from '../domain/taskQueue.ts';

/** How long one attempt waits before it frees its slot: were all slots taken by waiters, nobody could do what they wait for. */
const PATIENCE_MS = 10_000;

/** A run that holds a lock, and the input it was started with. */
export interface LockHolder {
  runId: string;
  input: unknown;
}

export const createTemporalActivities = (client: Client, taskQueue: string) => {
  const withPatience = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + PATIENCE_MS, call);

  return {
    /**
     * Has `account/<id>` apply the command, starting that workflow if it isn't running. `StillRunning` frees the slot
     * while the account is busy; the command's id lets the next attempt join the same application. An account that gave
     * up for want of its registry is asked again as well: an attempt more costs the caller's history nothing.
     */
    submitCommand: async (accountId: string, command: AccountCommand): Promise<CommandResult> => {
      const { workflowExecution, activityId, attempt } = Context.current().info;
      try {
        return await withPatience(() =>
          client.workflow.executeUpdateWithStart<() => Promise<unknown>, CommandResult, [AccountCommand]>('submit', {
            args: [command],
            // With the attempt in it, a retry isn't answered by the failure of a run that is gone.
            updateId: `${workflowExecution?.runId ?? ''}/${activityId}/${String(attempt)}`,
            startWorkflowOperation: new WithStartWorkflowOperation('account', {
              workflowId: accountWorkflowId(accountId),
              taskQueue,
              args: [],
              workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
              workflowRunTimeout: LIMITS.accountRun,
              staticSummary: `${command.kind} for ${command.origin.workflowId}`,
            }),
          }),
        );
      } catch (error) {
        const cause = error instanceof WorkflowUpdateFailedError ? applicationFailureIn(error) : undefined;
        // A run that ended with our update still open is no answer: the next attempt finds the next run.
        if (cause?.type === 'RegistryUnavailable') throw ApplicationFailure.retryable(cause.message, cause.type);
        if (cause && cause.type !== 'AcceptedUpdateCompletedWorkflow') throw cause;
        throw ApplicationFailure.retryable(`account/${accountId} is busy: ${cutText(String(error))}`, 'StillRunning');
      }
    },

    /** Milliseconds since a worker last polled a task queue for workflows; null if none did within minutes. */
    readTaskQueue: async (name: string): Promise<{ polledAgo: number | null }> => {
      const { pollers } = await withPatience(() =>
        client.workflowService.describeTaskQueue({
          namespace: client.options.namespace,
          taskQueue: { name },
        }),
      );
      return { polledAgo: sinceLastPoll(pollers, Date.now()) ?? null };
    },

    /** The run that holds a workflow id now; null if none does. */
    findLockHolder: async (workflowId: string): Promise<LockHolder | null> => {
      try {
        const { runId, status } = await client.workflow.getHandle(workflowId).describe();
        if (status.name !== 'RUNNING') return null;
        const { history } = await client.workflowService.getWorkflowExecutionHistory({
          namespace: client.options.namespace,
          execution: { workflowId, runId },
          maximumPageSize: 1,
        });
        const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
        return { runId, input: payload ? defaultPayloadConverter.fromPayload(payload) : {} };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },

    /** The result of a run, whatever its type; `StillRunning` until it has ended. Fails as the run failed. */
    awaitRun: async (workflowId: string, runId: string): Promise<unknown> => {
      try {
        return await withPatience(() => client.workflow.getHandle(workflowId, runId).result());
      } catch (error) {
        if (error instanceof WorkflowFailedError) throw applicationFailureIn(error) ?? stopOf(workflowId, error.cause);
        if (error instanceof WorkflowNotFoundError) throw stopOf(workflowId, error);
        throw ApplicationFailure.retryable(`${workflowId} is still running`, 'StillRunning');
      }
    },
  };
};

export type TemporalActivities = ReturnType<typeof createTemporalActivities>;

/** How a run ended that nobody let finish. */
const stopOf = (workflowId: string, cause: unknown): ApplicationFailure => {
  const code: FailureCode =
    cause instanceof CancelledFailure ? 'Cancelled' : cause instanceof TimeoutFailure ? 'TimedOut' : 'Terminated';
  return ApplicationFailure.nonRetryable(`${workflowId}, which this run waited for: ${cutText(String(cause))}`, code);
};

/** The failure with a code that a workflow or update ended with, made final. */
const applicationFailureIn = (error: unknown): ApplicationFailure | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure)
      return ApplicationFailure.nonRetryable(cause.message, cause.type ?? 'Unexpected');
  }
  return undefined;
};

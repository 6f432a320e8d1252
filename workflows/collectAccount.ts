/** One account of a collection: the collector's workflow, and what it leaves in the registry. */
import {
  CancellationScope,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  startChild,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { labelOf } from '../domain/account.ts';
import { cutText } from '../domain/bytes.ts';
import { collectedAccount, needsNoRecord, saysAccessDenied, type CollectionTarget } from '../domain/collection.ts';
import type { CollectorInput } from '../domain/contract.ts';
import { originOf, submitToAccount } from './accountCommands.ts';
import type { CollectionRun } from './collectionRun.ts';
import { causesOf, failureOf, isOurCancellation } from './failures.ts';
import type { verifyAccount } from './verifyAccount.ts';

/** Runs the collector on the account, then counts and records how it ended. Rejects only when the collection is cancelled. */
export const collectAccount = async (run: CollectionRun, target: CollectionTarget): Promise<void> => {
  const order = run.nextOrder();
  let result: unknown;
  try {
    result = await runCollector(run, target);
  } catch (error) {
    if (isOurCancellation(error)) throw error;
    const failure = describeFailure(run, error);
    run.ended(order, failure.timedOut);
    run.fail(target, failure.errorType, failure.message);
    await record(run, target, failure.message).catch(() => undefined);
    if (failure.accessDenied) await verifyLater(target);
    return;
  }
  run.ended(order, false);
  try {
    // What was collected counts, also if the collection is being cancelled.
    await CancellationScope.nonCancellable(() => record(run, target));
    run.succeed(target, result);
  } catch (error) {
    const { code, message } = failureOf(error);
    run.fail(target, code, `collected, but the registry does not know it: ${message}`);
  }
};

const runCollector = ({ request, externalId }: CollectionRun, target: CollectionTarget): Promise<unknown> =>
  executeChild<(input: CollectorInput) => Promise<unknown>>(request.workflowType, {
    workflowId: `${workflowInfo().workflowId}/${target.accountId}`,
    taskQueue: request.taskQueue,
    args: [
      {
        account: collectedAccount(target, externalId),
        ...(request.input !== undefined && { input: request.input }),
      },
    ],
    workflowExecutionTimeout: `${String(request.accountTimeoutSeconds)} s`,
    retry: { maximumAttempts: 1 },
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: labelOf(target),
  });

/** Longest type of an error that is told, in bytes. */
const TYPE_BYTES = 200;

const describeFailure = (
  { request }: CollectionRun,
  error: unknown,
): { errorType: string; message: string; timedOut: boolean; accessDenied: boolean } => {
  const causes = causesOf(error);
  const [first = { type: 'Unexpected', message: String(error) }] = causes;
  const timedOut = error instanceof Error && error.cause instanceof TimeoutFailure;
  const message = timedOut
    ? `${request.workflowType} on ${request.taskQueue} did not end within ${String(request.accountTimeoutSeconds)} s`
    : first.message || first.type; // a workflow that somebody cancels says nothing
  return {
    errorType: timedOut ? 'TimedOut' : cutText(first.type, TYPE_BYTES),
    message: cutText(message),
    timedOut,
    accessDenied: saysAccessDenied(causes),
  };
};

/** Has the account's own workflow note a success or a failure, where that is news. */
const record = async ({ request }: CollectionRun, target: CollectionTarget, failure?: string): Promise<void> => {
  if (!request.recordScans || (failure === undefined && needsNoRecord(target, Date.now()))) return;
  const { workflowType } = request;
  const origin = originOf(workflowType);
  await submitToAccount(target.accountId, {
    kind: 'recordScan',
    id: `${origin.runId}/scan`,
    origin,
    workflowType,
    at: new Date(Date.now()).toISOString(),
    ...(failure !== undefined && { failure }),
  });
};

/** Has the account verified at once, which takes two looks (design 4); nobody here waits for that. */
const verifyLater = async (target: CollectionTarget): Promise<void> => {
  const { accountId } = target;
  const { workflowId, runId } = workflowInfo();
  try {
    await startChild<typeof verifyAccount>('verifyAccount', {
      workflowId: `verify-account/${accountId}/${runId}`,
      args: [{ accountId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${labelOf(target)}: a collector of ${workflowId} was refused`,
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
};

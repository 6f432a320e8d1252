/** What tests of onboardings that go wrong share: onboardings under way, operations that only a test ends, and how it all ended. */
import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { onboardWorkflowId, TASK_QUEUE, type AccountRow, type OnboardAccountResult } from '../../domain/contract.ts';
import { startsFor } from './cloudFormationCalls.ts';
import { onboard, onboardingEvents, operationsOn, setStackSet } from './onboarding.ts';
import type { Polo } from './polo.ts';
import { until } from './waiting.ts';

type Onboarding = (input: { accountId: string }) => Promise<OnboardAccountResult>;

/** From now on operations run until a test ends them. */
export const holdOperations = (polo: Polo): Promise<unknown> => setStackSet(polo, { operationSeconds: 86_400 });

/** Starts an onboarding, by default under its own id. */
export const startOnboarding = (
  polo: Polo,
  accountId: string,
  workflowId = onboardWorkflowId(accountId),
): Promise<WorkflowHandle<Onboarding>> =>
  polo.client.workflow.start<Onboarding>('onboardAccount', {
    taskQueue: TASK_QUEUE,
    workflowId,
    args: [{ accountId }],
  });

/** Waits until the onboarding that runs now says this of itself. */
export const untilProgress = (polo: Polo, accountId: string, words: RegExp): Promise<string> =>
  until(async () => {
    const { client } = polo;
    try {
      const { status, runId } = await client.workflow.getHandle(onboardWorkflowId(accountId)).describe();
      if (status.name !== 'RUNNING') return undefined;
      const text = await client.workflow.getHandle(onboardWorkflowId(accountId), runId).query<string>('progress');
      return words.test(text) ? text : undefined;
    } catch {
      // Not started, or just over.
      return undefined;
    }
  });

/** Waits until the account's onboarding waits for a running operation; its id. */
export const untilOperationRuns = async (polo: Polo, accountId: string): Promise<string> => {
  const [, id = ''] =
    /operation (\S+),/.exec(await untilProgress(polo, accountId, /^.*: waiting for StackSet operation .* RUNNING/)) ??
    [];
  return id;
};

/** Ends an operation that is under way; its accounts succeed, fail or are cancelled accordingly. */
export const endOperation = (polo: Polo, id: string, status = 'SUCCEEDED'): Promise<unknown> =>
  polo.control('PATCH', `/operations/${id}`, { status });

/** How an onboarding failed, as `code: message`; fails itself if it didn't. */
export const failureOf = (onboarding: Promise<unknown>): Promise<string> =>
  onboarding.then(
    () => {
      throw new Error('the onboarding did not fail');
    },
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** The latest ending in the account's history: kind and reason. */
export const lastEnding = async (polo: Polo, accountId: string): Promise<{ kind: string; reason: string }> => {
  const ending = (await onboardingEvents(polo, accountId)).findLast(({ kind }) => kind !== 'onboarding_started');
  return ending ?? { kind: 'none', reason: '' };
};

/** Runs an onboarding that fails, and checks that the history tells it in the same words; these, and what the row says. */
export const failingOnboarding = async (
  polo: Polo,
  accountId: string,
): Promise<{ failure: string; row: AccountRow }> => {
  const failure = await failureOf(onboard(polo, accountId));
  assert.deepEqual(await lastEnding(polo, accountId), { kind: 'onboarding_failed', reason: failure });
  return { failure, row: await polo.account(accountId) };
};

/** Fails if the account was active at any time. */
export const assertNeverActive = async (polo: Polo, accountId: string): Promise<void> => {
  const statuses = (await polo.history(accountId)).map(({ to_status }) => to_status);
  assert.ok(!statuses.includes('active'), statuses.join());
};

/** Every operation that onboardings of the account have started: their ids, in order. */
export const startedFor = async (polo: Polo, accountId: string): Promise<string[]> =>
  (await startsFor(polo, accountId)).map(({ operationId = '' }) => operationId);

/** The statuses of the operations on an account. */
export const operationStatuses = async (polo: Polo, accountId: string): Promise<string[]> =>
  (await operationsOn(polo, accountId)).map(({ status }) => status);

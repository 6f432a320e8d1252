/** What tests of onboardings that go wrong share: onboardings under way, operations that only a test ends, and how it all ended. */
import type { WorkflowHandle } from '@temporalio/client';
import { onboardWorkflowId, TASK_QUEUE, type OnboardAccountResult } from '../../domain/contract.ts';
import { onboardingEvents, operationsOn, setStackSet } from './onboarding.ts';
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

/** Every operation that onboardings of the account have started: their ids, in order. */
export const startedFor = async (polo: Polo, accountId: string): Promise<string[]> => {
  const { recent } = await polo.control<{ recent: Call[] }>('GET', '/calls?recent=10000');
  return recent
    .filter(({ operation, accountIds }) => operation === 'CreateStackInstances' && accountIds?.includes(accountId))
    .map(({ operationId = '' }) => operationId);
};

interface Call {
  operation: string;
  accountIds?: string[];
  operationId?: string;
}

/** The statuses of the operations on an account. */
export const operationStatuses = async (polo: Polo, accountId: string): Promise<string[]> =>
  (await operationsOn(polo, accountId)).map(({ status }) => status);

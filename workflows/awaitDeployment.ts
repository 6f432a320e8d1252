/** Waits for a StackSet operation, and then for what it made of the one account that matters. */
import { sleep } from '@temporalio/workflow';
import { isOver, isUnconfirmed, type Deployment } from '../domain/onboarding.ts';
import { isOperating } from '../domain/stackSet.ts';
import { spell } from '../domain/times.ts';
import { stackSetFor } from './activities.ts';
import { fail } from './failures.ts';
import type { OnboardingRun } from './onboardingRun.ts';

/** Looks at an instance that doesn't show yet what its operation has done. */
const LATE_LOOKS = 3;

/**
 * What became of the account when the operation is over. An operation that CloudFormation doesn't know, for a minute or by
 * no id at all, counts as over: then the instance alone decides. Fails with `DeadlinePassed`.
 */
export const awaitDeployment = async (run: OnboardingRun, operationId: string | undefined): Promise<Deployment> => {
  const { operationPause, operationPauseMax, operationAppears } = run.settings.durations;
  const what = `StackSet operation ${operationId ?? '(unnamed)'}`;
  const began = Date.now();
  let lateLooks = LATE_LOOKS;
  let runningSince: number | undefined;
  for (let pause = operationPause; ; pause = Math.min(1.5 * pause, operationPauseMax)) {
    const seen = await look(run, operationId);
    const appears = operationId !== undefined && !seen.operation && Date.now() - began < operationAppears;
    const late = isUnconfirmed(seen, operationId) && lateLooks-- > 0;
    if (isOver(seen, operationId) && !appears && !late) return seen;

    if (seen.operation?.status !== 'QUEUED') runningSince ??= Date.now();
    refuseWhenOverdue(run, what, seen, began, runningSince);
    run.report(`waiting for ${what}, ${spell(Date.now() - began)}, ${words(seen)}`);
    await sleep(pause);
  }
};

/** The operation, and when that is over, the instance: no need to ask for both all the time. */
const look = async ({ accountId, settings }: OnboardingRun, operationId: string | undefined): Promise<Deployment> => {
  const { readOperation, readStackInstance } = stackSetFor(settings.durations);
  const operation = operationId === undefined ? null : await readOperation(operationId);
  if (operation && isOperating(operation)) return { operation };
  const instance = await readStackInstance(accountId);
  return { ...(operation && { operation }), ...(instance && { instance }) };
};

const words = ({ operation, instance }: Deployment): string =>
  (operation?.status ?? 'not known to CloudFormation') +
  (instance ? `, instance ${instance.status} ${instance.detailedStatus}` : '');

const refuseWhenOverdue = (
  run: OnboardingRun,
  what: string,
  seen: Deployment,
  began: number,
  runningSince: number | undefined,
): void => {
  const limit = runningSince === undefined ? 'operationQueued' : 'operationRuns';
  if (Date.now() - (runningSince ?? began) < run.settings.durations[limit]) return;
  throw fail(
    'DeadlinePassed',
    `${run.name()}: ${what} is not over after ${run.waited(limit)}; last seen: ${words(seen)}. ` +
      'It goes on in AWS. Next: start again, which picks it up',
  );
};

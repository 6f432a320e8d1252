/** Deploys the roles to one account by the StackSet: starts an operation, or joins the one that works on the account. */
import { sleep, workflowInfo } from '@temporalio/workflow';
import {
  failureOfDeployment,
  MORE_OPERATIONS,
  operationIdOf,
  takenRole,
  type Deployment,
} from '../domain/onboarding.ts';
import { isDeployed, isUnderWay } from '../domain/stackSet.ts';
import { deploymentsFor, organizationsFor, stackSetFor } from './activities.ts';
import { awaitDeployment } from './awaitDeployment.ts';
import { fail } from './failures.ts';
import type { OnboardingRun } from './onboardingRun.ts';

/**
 * Returns when the account's stack instance is CURRENT: the id of the operation that made it so, undefined if it was before.
 * Fails with `StackSetMissing`, `StackSetBusy`, `StackSetRejected`, `InstanceInoperable`, `RoleNameTaken`, `OperationFailed` or `DeadlinePassed`.
 */
export const deployRoles = async (run: OnboardingRun): Promise<string | undefined> => {
  const { accountId, settings } = run;
  const { durations } = settings;
  const stackSet = stackSetFor(durations);
  run.report("looking at the account's stack instance");
  await stackSet.requireStackSet();
  for (let attempt = 1; ; attempt++) {
    const joined = await joinOperation(run);
    if (isDeployed(joined?.instance)) return joined?.operationId;
    if (joined?.instance?.status === 'INOPERABLE') throw failureFor(run, joined, 'no operation was started');

    const operationId = operationIdOf(accountId, workflowInfo().runId, attempt);
    run.report(`starting StackSet operation ${operationId}, after any other one that is in its way`);
    const rootId = await organizationsFor(durations.listingPatience).findRoot();
    await deploymentsFor(durations).createStackInstance({ accountId, rootId, operationId });
    const deployment = await awaitDeployment(run, operationId);
    if (isDeployed(deployment.instance)) return operationId;

    const result = await stackSet.readOperationResult(operationId, accountId).catch(() => null);
    const judged: Deployment = { ...deployment, ...(result && { result }) };
    const { transient, words } = failureOfDeployment(judged);
    if (!transient || attempt > MORE_OPERATIONS) throw failureFor(run, judged, `StackSet operation ${operationId}`);
    run.report(`trying again soon: StackSet operation ${operationId}: ${words}`);
    await sleep(durations.deploymentPause * 5 ** (attempt - 1));
  }
};

/** The account's instance; somebody else's operation on it is waited for first, never doubled. */
const joinOperation = async (run: OnboardingRun): Promise<(Deployment & { operationId?: string }) | undefined> => {
  const instance = await stackSetFor(run.settings.durations).readStackInstance(run.accountId);
  if (!instance) return undefined;
  if (!isUnderWay(instance)) return { instance };
  const { operationId } = instance;
  return { ...(await awaitDeployment(run, operationId)), ...(operationId !== undefined && { operationId }) };
};

const failureFor = (run: OnboardingRun, deployment: Deployment, what: string): Error => {
  const { code, words } = failureOfDeployment(deployment);
  const { readRoleName, actionRoleName, stackSet } = run.settings;
  const roles = [readRoleName, ...(actionRoleName === undefined ? [] : [actionRoleName])];
  const next = {
    OperationFailed: 'mend what AWS names, then start again',
    RoleNameTaken: `see who made the role ${takenRole(words, roles)} in the account; rename or remove it, then start again`,
    InstanceInoperable:
      `an administrator removes the instance with aws cloudformation delete-stack-instances --retain-stacks ` +
      `(StackSet ${stackSet.name}), then start again`,
  }[code];
  return fail(code, `${run.name()}: ${what}: ${words.replace(/\.$/, '')}. Next: ${next}`);
};

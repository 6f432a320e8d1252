/** What a deployment of the roles comes to in one account. */
import { randomUUID } from 'node:crypto';
import { readRoleName } from '../domain/names.ts';
import { takeInstanceFault } from './instanceFaults.ts';
import type { InstanceFault } from './instanceFaults.ts';
import { isUsable, turnRole } from './organization.ts';
import type { SandboxAccount } from './organization.ts';
import type { Sandbox } from './sandbox.ts';
import { detailedStatusFor, resultStatus, stackId, statusFor } from './stackSet.ts';
import type { DetailedStatus, EndedStatus, OperationResult, StackInstance } from './stackSet.ts';

/** The result of an account, absent if the operation never reached it, and what it makes the whole operation end in. */
export interface Deployed {
  result?: Pick<OperationResult, 'status' | 'reason'>;
  operationStatus?: EndedStatus;
}

type Outcome = Omit<InstanceFault, 'detailedStatus'> & { detailedStatus: DetailedStatus };

const TOLD = 'The sandbox was told to fail this deployment.';

/**
 * Ends the work of an operation on an account; `told` is what a control request wants, whatever is in the way. Where the
 * roles are deployed already nothing changes: nobody repairs a role that was deleted or changed by hand.
 */
export const deployInstance = (
  sandbox: Sandbox,
  operationId: string,
  account: SandboxAccount,
  told?: EndedStatus,
): Deployed => {
  if (account.gone) {
    if (account.instance?.operationId === operationId) delete account.instance;
    return failed(`Account ${account.id} is not part of the organization.`);
  }
  if (isUsable(account)) {
    if (account.instance?.status === 'CURRENT')
      return { result: { status: resultStatus(outcomeTold(told).detailedStatus) } };
    if (account.instance?.status === 'INOPERABLE' && !told) return failed('The stack instance is INOPERABLE.');
  }
  const { none, roles, operationStatus, ...outcome } = outcomeOf(sandbox, account, told);
  const ending = operationStatus && { operationStatus };
  delete account.instance;
  if (none) return { ...ending };
  const { detailedStatus, status = statusFor(detailedStatus), statusReason } = outcome;
  const instance: StackInstance = { status, detailedStatus, operationId };
  const result: Deployed['result'] = { status: resultStatus(detailedStatus) };
  if (statusReason !== undefined) result.reason = instance.statusReason = statusReason;
  account.instance = instance;
  if (status === 'CURRENT') {
    instance.stackId = stackId(sandbox.stackSet, account.id);
    giveRoles(sandbox, account, roles);
  }
  return { result, ...ending };
};

const failed = (reason: string): Deployed => ({ result: { status: 'FAILED', reason } });

const outcomeTold = (told: EndedStatus = 'SUCCEEDED'): Outcome => {
  if (told === 'STOPPED') return { detailedStatus: 'CANCELLED' };
  return told === 'FAILED' ? { detailedStatus: told, statusReason: TOLD } : { detailedStatus: told };
};

const outcomeOf = (sandbox: Sandbox, account: SandboxAccount, told: EndedStatus | undefined): Outcome => {
  if (!isUsable(account)) return { detailedStatus: 'SKIPPED_SUSPENDED_ACCOUNT' };
  if (told) return outcomeTold(told);
  const fault = takeInstanceFault(sandbox.faults.instances, account.id);
  if (fault?.none) return { detailedStatus: 'FAILED', ...fault };
  const detailedStatus = fault?.detailedStatus ?? (fault?.status && detailedStatusFor(fault.status));
  if (detailedStatus) {
    const breaks = detailedStatus === 'FAILED' || detailedStatus === 'INOPERABLE';
    return { ...(breaks && { statusReason: TOLD }), ...fault, detailedStatus };
  }
  const obstacle = existingRole(sandbox, account);
  return {
    ...(obstacle !== undefined && { statusReason: obstacle }),
    ...fault,
    detailedStatus: obstacle === undefined ? 'SUCCEEDED' : 'FAILED',
  };
};

/** CloudFormation's words for a role that is there already though no stack of ours made it. */
const existingRole = ({ settings }: Sandbox, { roles }: SandboxAccount): string | undefined => {
  const there = (role: { condition: string }): boolean => role.condition !== 'missing';
  if (there(roles.read)) return alreadyExists('ReadRole', readRoleName(settings.env));
  if (settings.actionRole === undefined || !there(roles.action)) return undefined;
  return alreadyExists('ActionRole', settings.actionRole);
};

const alreadyExists = (logicalId: string, roleName: string): string =>
  `ResourceLogicalId:${logicalId}, ResourceType:AWS::IAM::Role, ResourceStatusReason:Resource handler returned message: ` +
  `"Role with name ${roleName} already exists. (Service: Iam, Status Code: 409, Request ID: ${randomUUID()})" ` +
  `(RequestToken: ${randomUUID()}, HandlerErrorCode: AlreadyExists).`;

const giveRoles = ({ settings }: Sandbox, { roles }: SandboxAccount, told: InstanceFault['roles'] = {}): void => {
  const { read = 'works', action = settings.actionRole === undefined ? roles.action.condition : 'works' } = told;
  roles.read = turnRole(roles.read, read);
  roles.action = turnRole(roles.action, action);
};

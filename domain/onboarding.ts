/** What onboarding makes of CloudFormation's answers (design 5; statuses and retry classes: facts, AWS, section C). */
import type { CommandResult } from './commands.ts';
import { cutText } from './bytes.ts';
import type { FailureCode } from './failures.ts';
import { isOperating, isUnderWay, type StackInstance, type StackSetOperation } from './stackSet.ts';
import type { Verification } from './status.ts';

/** What is known of a deployment when it is over. An operation that CloudFormation has forgotten is absent, as is an instance that never was. */
export interface Deployment {
  instance?: StackInstance;
  operation?: StackSetOperation;
  /** What the operation says of this account. */
  result?: { status: string; reason?: string };
}

/** True if the instance is the work of this operation; of an unnamed one, whatever it is. */
const isWorkOf = (operationId: string | undefined, instance: StackInstance | undefined): boolean =>
  instance !== undefined && (instance.operationId ?? operationId) === operationId;

/** True when nothing more is to be expected of an operation for the account: it ended, or another one has taken over. */
export const isOver = ({ operation, instance }: Deployment, operationId: string | undefined): boolean =>
  !(operation && isOperating(operation)) && !(isWorkOf(operationId, instance) && isUnderWay(instance));

/** True if the operation is said to have succeeded, and the instance doesn't show it (yet: CloudFormation is eventually consistent). */
export const isUnconfirmed = ({ operation, instance }: Deployment, operationId: string | undefined): boolean =>
  operation?.status === 'SUCCEEDED' && !isWorkOf(operationId, instance) && !isUnderWay(instance);

/** Operations that an onboarding starts again after its first one failed for a passing reason. */
export const MORE_OPERATIONS = 2;

/** Id of an onboarding's operation, the same over all attempts to start it: CloudFormation runs an id once. */
export const operationIdOf = (accountId: string, runId: string, attempt: number): string =>
  `onboard-${accountId}-${runId}-${String(attempt)}`;

/** Why a deployment did not end in a deployed instance, and whether another operation may mend it. */
export interface DeploymentFailure {
  code: Extract<FailureCode, 'OperationFailed' | 'RoleNameTaken' | 'InstanceInoperable'>;
  words: string;
  transient: boolean;
}

/** What another operation can't mend: names that are taken, quotas, policies. It wins over what sounds transient. */
const FINAL = /already exists|limit exceeded|quota|explicit deny|service control policy/i;

/** CloudFormation's own trouble, or a new account whose execution role isn't usable yet. */
const TRANSIENT =
  /throttl|rate exceeded|too many requests|stacksets-exec-|internal (?:failure|error)|service ?unavailable|timed? ?out|AssumeRole/i;

/** Tells, in AWS's words, why the account's instance is not deployed although its operation is over. */
export const failureOfDeployment = ({ instance, operation, result }: Deployment): DeploymentFailure => {
  const reason = instance?.statusReason ?? result?.reason ?? operation?.statusReason;
  const state = instance ? instance.detailedStatus || instance.status : 'no stack instance';
  const ended = operation ? `the operation ended ${operation.status}` : 'CloudFormation has forgotten the operation';
  const account = `this account: ${state}${reason === undefined ? '' : `: ${cutText(reason)}`}`;
  // Found before any operation was asked for as well as after one: how that ended doesn't matter.
  if (instance?.status === 'INOPERABLE') return { code: 'InstanceInoperable', words: account, transient: false };
  const words = `${ended}, ${account}`;
  const taken = reason !== undefined && /already exists/i.test(reason) && /\brole\b/i.test(reason);
  if (taken) return { code: 'RoleNameTaken', words, transient: false };
  const passing = reason !== undefined && TRANSIENT.test(reason) && !FINAL.test(reason);
  // While another operation works on the account, ours is not the last word.
  const transient = passing || isUnderWay(instance);
  return { code: 'OperationFailed', words, transient };
};

/** The role that AWS says exists already; where it doesn't name it, those that it may be. */
export const takenRole = (words: string, roleNames: string[]): string => {
  const [, named] = /role with name ([\w+=,.@-]*[\w+=@-])/i.exec(words) ?? [];
  return named ?? roleNames.find((name) => words.includes(name)) ?? roleNames.join(' or ');
};

/** True if the account is active with every configured role, by a verification that could judge all of them. */
export const isOnboarded = ({ row, inconclusive }: CommandResult, actionRoleConfigured: boolean): boolean =>
  row.polo_status === 'active' && !inconclusive && (!actionRoleConfigured || row.polo_action_role !== '');

/** Why an account is not onboarded after its roles were tried (`tried`) and the account itself has verified them (`result`). */
export const refusalCode = (
  tried: Verification,
  { row, inconclusive }: CommandResult,
): Extract<FailureCode, 'RolesUnverified' | 'ActionRoleRefused' | 'DeployedButRefused' | 'VerificationRefused'> => {
  if (inconclusive) return 'RolesUnverified';
  if (row.polo_status === 'active') return 'ActionRoleRefused';
  return tried.read.outcome === 'works' ? 'VerificationRefused' : 'DeployedButRefused';
};

/**
 * The service-managed StackSet that carries Polo's roles: its operations, and the stack instance of each account (kept
 * with the account). `stackSetOperations.ts` lets operations run and end, `deployInstance.ts` knows what they make of
 * an account.
 */
import type { SandboxAccount } from './organization.ts';

/** `StackInstance.Status` of CloudFormation. */
export const INSTANCE_STATUSES = ['CURRENT', 'OUTDATED', 'INOPERABLE'] as const;
export type InstanceStatus = (typeof INSTANCE_STATUSES)[number];

/** `StackInstance.StackInstanceStatus.DetailedStatus` of CloudFormation. */
export const DETAILED_STATUSES = [
  'PENDING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'INOPERABLE',
  'SKIPPED_SUSPENDED_ACCOUNT',
  'FAILED_IMPORT',
] as const;
export type DetailedStatus = (typeof DETAILED_STATUSES)[number];

/** Those of `StackSetOperation.Status` that an operation ends in. */
export const ENDED_STATUSES = ['SUCCEEDED', 'FAILED', 'STOPPED'] as const;
export type EndedStatus = (typeof ENDED_STATUSES)[number];

/** `StackSetOperation.Status` of CloudFormation. */
export const OPERATION_STATUSES = ['QUEUED', 'RUNNING', 'STOPPING', ...ENDED_STATUSES] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** An operation's id: its idempotency token. */
export const OPERATION_ID = /^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/;

/** The stack of one account. */
export interface StackInstance {
  status: InstanceStatus;
  detailedStatus: DetailedStatus;
  statusReason?: string;
  /** Absent where no stack was ever made. */
  stackId?: string;
  operationId: string;
}

/** What an operation did to one account. */
export interface OperationResult {
  accountId: string;
  status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
}

/** An operation on the StackSet. */
export interface StackSetOperation {
  id: string;
  action: 'CREATE' | 'UPDATE' | 'DELETE' | 'DETECT_DRIFT';
  /** Who made it: a call of CreateStackInstances, a control request, or the generator. */
  by: 'caller' | 'control' | 'generated';
  status: OperationStatus;
  createdAt: Date;
  endedAt?: Date;
  results: OperationResult[];
}

/** An operation that hasn't ended, and the accounts that it works on, each at the place of its result. */
export interface Deployment {
  operation: StackSetOperation;
  accounts: SandboxAccount[];
  /** How many accounts may fail before all of the operation counts as FAILED. */
  tolerance: number;
  /** Ids of the accounts that an earlier operation still works on. */
  blocked: Set<string>;
  seconds: number;
  queuedSeconds: number;
  /** Fires when the operation is to run or to end; one without is ended by control requests only. */
  timer?: NodeJS.Timeout;
}

/** The StackSet; `exists` false plays one that nobody created. */
export interface StackSet {
  name: string;
  id: string;
  region: string;
  exists: boolean;
  /**
   * Operations on other accounts run side by side, those on the same wait in line. Without it, any operation under way
   * makes AWS refuse the next one; the generated `checkout-staging` has one that never ends, so a test without
   * ManagedExecution first ends it: `PATCH /_sandbox/operations/<id>`.
   */
  managedExecution: boolean;
  /** How long a new operation runs. */
  operationSeconds: number;
  /** How long a new operation is QUEUED, even if nothing is in its way. */
  queuedSeconds: number;
  operations: Map<string, StackSetOperation>;
  /** The operations that haven't ended, by id. */
  underWay: Map<string, Deployment>;
  /** The same by account id: the first works on the account or is about to, the others wait for it. */
  lines: Map<string, Deployment[]>;
}

/** A StackSet without operations. */
export const emptyStackSet = (name: string, region: string): StackSet => ({
  name,
  id: `${name}:5a9db0c5-0000-4000-8000-000000000001`,
  region,
  exists: true,
  managedExecution: true,
  operationSeconds: 3,
  queuedSeconds: 0,
  operations: new Map(),
  underWay: new Map(),
  lines: new Map(),
});

/** True for the statuses that an operation ends in. */
export const hasEnded = (status: OperationStatus | 'unknown'): status is EndedStatus =>
  ENDED_STATUSES.some((ended) => ended === status);

/** Records an operation under a new id; that alone doesn't make it go on. */
export const recordOperation = (
  stackSet: StackSet,
  operation: Pick<StackSetOperation, 'id' | 'by' | 'status' | 'createdAt' | 'endedAt'>,
): StackSetOperation => {
  const recorded: StackSetOperation = { action: 'CREATE', results: [], ...operation };
  stackSet.operations.set(recorded.id, recorded);
  return recorded;
};

/** Gives an account its instance, and the operation that made it one result more. */
export const setInstance = (stackSet: StackSet, account: SandboxAccount, instance: StackInstance): void => {
  account.instance = instance;
  const result: OperationResult = { accountId: account.id, status: resultStatus(instance.detailedStatus) };
  if (instance.statusReason !== undefined) result.reason = instance.statusReason;
  stackSet.operations.get(instance.operationId)?.results.push(result);
};

/** What an instance's detailed status means for the result of its account; AWS counts a skipped one as fine. */
export const resultStatus = (status: DetailedStatus): OperationResult['status'] => {
  if (status === 'PENDING' || status === 'RUNNING' || status === 'CANCELLED') return status;
  return status === 'SUCCEEDED' || status === 'SKIPPED_SUSPENDED_ACCOUNT' ? 'SUCCEEDED' : 'FAILED';
};

const DETAILS: Record<InstanceStatus, DetailedStatus> = {
  CURRENT: 'SUCCEEDED',
  OUTDATED: 'FAILED',
  INOPERABLE: 'INOPERABLE',
};

/** The detailed status that goes with a status where only that is told. */
export const detailedStatusFor = (status: InstanceStatus): DetailedStatus => DETAILS[status];

/** The status that goes with a detailed status where only that is told. */
export const statusFor = (detail: DetailedStatus): InstanceStatus => {
  if (detail === 'SUCCEEDED') return 'CURRENT';
  return detail === 'INOPERABLE' ? 'INOPERABLE' : 'OUTDATED';
};

/** Id of the stack in the account itself. */
export const stackId = (stackSet: StackSet, accountId: string): string =>
  `arn:aws:cloudformation:${stackSet.region}:${accountId}:stack/StackSet-${stackSet.name}/${accountId}`;

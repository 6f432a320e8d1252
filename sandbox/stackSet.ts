/**
 * The service-managed StackSet that carries Polo's roles: its operations, and the stack instance of each account
 * (kept with the account). So far only control requests and the generator change them; CreateStackInstances,
 * when it comes, is one more caller of `startOperation` and `setInstance`.
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

/** `StackSetOperation.Status` of CloudFormation. */
export const OPERATION_STATUSES = ['QUEUED', 'RUNNING', 'STOPPING', 'SUCCEEDED', 'FAILED', 'STOPPED'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

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
interface OperationResult {
  accountId: string;
  status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
}

/** An operation on the StackSet. */
export interface StackSetOperation {
  id: string;
  action: 'CREATE' | 'UPDATE' | 'DELETE' | 'DETECT_DRIFT';
  status: OperationStatus;
  createdAt: Date;
  endedAt?: Date;
  results: OperationResult[];
}

/** The StackSet; `exists` false plays one that nobody created. */
export interface StackSet {
  name: string;
  id: string;
  region: string;
  exists: boolean;
  managedExecution: boolean;
  operations: Map<string, StackSetOperation>;
}

/** A StackSet without operations. */
export const emptyStackSet = (name: string, region: string): StackSet => ({
  name,
  id: `${name}:5a9db0c5-0000-4000-8000-000000000001`,
  region,
  exists: true,
  managedExecution: true,
  operations: new Map(),
});

/** True for the statuses that an operation ends in. */
export const hasEnded = (status: OperationStatus): boolean => ['SUCCEEDED', 'FAILED', 'STOPPED'].includes(status);

/** Records an operation under a new id. */
export const startOperation = (
  stackSet: StackSet,
  id: string,
  status: OperationStatus,
  createdAt: Date,
  endedAt?: Date,
): StackSetOperation => {
  const operation: StackSetOperation = { id, action: 'CREATE', status, createdAt, results: [] };
  if (endedAt) operation.endedAt = endedAt;
  stackSet.operations.set(id, operation);
  return operation;
};

const resultStatus = (status: DetailedStatus): OperationResult['status'] => {
  if (status === 'PENDING' || status === 'RUNNING' || status === 'CANCELLED') return status;
  return status === 'SUCCEEDED' || status === 'SKIPPED_SUSPENDED_ACCOUNT' ? 'SUCCEEDED' : 'FAILED';
};

/** Gives an account its instance, and the operation that made it one result more. */
export const setInstance = (stackSet: StackSet, account: SandboxAccount, instance: StackInstance): void => {
  account.instance = instance;
  const result: OperationResult = { accountId: account.id, status: resultStatus(instance.detailedStatus) };
  if (instance.statusReason !== undefined) result.reason = instance.statusReason;
  stackSet.operations.get(instance.operationId)?.results.push(result);
};

/** Id of the stack in the account itself. */
export const stackId = (stackSet: StackSet, accountId: string): string =>
  `arn:aws:cloudformation:${stackSet.region}:${accountId}:stack/StackSet-${stackSet.name}/${accountId}`;

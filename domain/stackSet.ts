/** Polo's StackSet in CloudFormation's terms: what its instances and operations say of themselves. */

/** An account's instance in Polo's StackSet, in CloudFormation's terms; `operationId` is the last operation on it. */
export interface StackInstance {
  status: string;
  /** Empty where CloudFormation doesn't say. */
  detailedStatus: string;
  statusReason?: string;
  operationId?: string;
}

/** A StackSet operation; `statusReason` is about the whole of it. */
export interface StackSetOperation {
  status: string;
  statusReason?: string;
}

/** True while an operation has not ended. */
export const isOperating = (operation: StackSetOperation): boolean =>
  ['QUEUED', 'RUNNING', 'STOPPING'].includes(operation.status);

/** True while some operation, ours or somebody else's, works on the instance or will do so. */
export const isUnderWay = (instance: { detailedStatus?: string } | undefined): boolean =>
  instance?.detailedStatus === 'PENDING' || instance?.detailedStatus === 'RUNNING';

/** True if the stack is there as the StackSet wants it. Nothing else counts: an operation may succeed without the account. */
export const isDeployed = (instance: StackInstance | undefined): boolean =>
  instance?.status === 'CURRENT' && !isUnderWay(instance);

/** What control requests may do to the stack instance of an account. */
import { z } from 'zod';
import type { SandboxAccount } from './organization.ts';
import type { Sandbox } from './sandbox.ts';
import {
  DETAILED_STATUSES,
  INSTANCE_STATUSES,
  OPERATION_STATUSES,
  detailedStatusFor,
  hasEnded,
  recordOperation,
  resultStatus,
  setInstance,
  stackId,
  statusFor,
} from './stackSet.ts';
import type { DetailedStatus, OperationStatus, StackInstance } from './stackSet.ts';
import { decideAccount, holdAccount } from './stackSetOperations.ts';

/** `instance` in the body of `PATCH /_sandbox/accounts/<id>`; null = none. */
export const instanceSchema = z
  .strictObject({
    status: z.enum(INSTANCE_STATUSES).exactOptional(),
    detailedStatus: z.enum(DETAILED_STATUSES).exactOptional(),
    statusReason: z.string().exactOptional(),
    /** `unknown`: the instance names an operation that CloudFormation has forgotten. */
    operationStatus: z.enum([...OPERATION_STATUSES, 'unknown']).exactOptional(),
    operationEndedAt: z.iso.datetime({ offset: true }).nullable().exactOptional(),
  })
  .nullable();

/**
 * Changes an account's instance. The operation that works on the account is done with it then, and ends if it has no
 * other account to work on.
 */
export const changeInstance = (
  sandbox: Sandbox,
  account: SandboxAccount,
  change: z.infer<typeof instanceSchema>,
): void => {
  const [former] = sandbox.stackSet.lines.get(account.id) ?? [];
  if (change === null) delete account.instance;
  else replaceInstance(sandbox, account, change);
  if (!former) return;
  const { detailedStatus = 'CANCELLED', statusReason } = account.instance ?? {};
  const status = resultStatus(detailedStatus);
  const decision = { status: status === 'PENDING' || status === 'RUNNING' ? 'CANCELLED' : status } as const;
  const { operationStatus = 'unknown' } = change ?? {};
  decideAccount(
    sandbox,
    former,
    account,
    { ...decision, ...(statusReason !== undefined && { reason: statusReason }) },
    hasEnded(operationStatus) ? operationStatus : undefined,
  );
};

/** Each change of an instance is the work of an operation of its own, ended just now unless told otherwise. */
const replaceInstance = (
  { stackSet }: Sandbox,
  account: SandboxAccount,
  change: NonNullable<z.infer<typeof instanceSchema>>,
): void => {
  const detailedStatus =
    change.detailedStatus ??
    (change.status ? detailedStatusFor(change.status) : (account.instance?.detailedStatus ?? 'SUCCEEDED'));
  const status = change.operationStatus ?? operationStatusFor(detailedStatus);
  const id = status === 'unknown' ? `forgotten-${account.id}` : `control-${account.id}-${stackSet.operations.size}`;
  const instance: StackInstance = {
    status: change.status ?? statusFor(detailedStatus),
    detailedStatus,
    operationId: id,
  };
  if (change.statusReason !== undefined) instance.statusReason = change.statusReason;
  if (instance.status === 'CURRENT') instance.stackId = stackId(stackSet, account.id);
  if (status === 'unknown') {
    account.instance = instance;
    return;
  }
  const now = new Date();
  const { operationEndedAt = hasEnded(status) ? now.toISOString() : null } = change;
  const endedAt = operationEndedAt === null ? undefined : new Date(operationEndedAt);
  const createdAt = endedAt && endedAt < now ? endedAt : now;
  const operation = recordOperation(stackSet, { id, by: 'control', status, createdAt, ...(endedAt && { endedAt }) });
  setInstance(stackSet, account, instance);
  if (!hasEnded(status)) holdAccount(stackSet, operation, account);
};

const operationStatusFor = (detail: DetailedStatus): OperationStatus => {
  if (detail === 'PENDING') return 'QUEUED';
  if (detail === 'RUNNING') return 'RUNNING';
  if (detail === 'CANCELLED') return 'STOPPED';
  return detail === 'SUCCEEDED' || detail === 'SKIPPED_SUSPENDED_ACCOUNT' ? 'SUCCEEDED' : 'FAILED';
};

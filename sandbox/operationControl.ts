/** What control requests may do to operations on the StackSet. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ControlError } from './controlRequest.ts';
import { memberAccount } from './organization.ts';
import type { SandboxAccount } from './organization.ts';
import { AwsError } from './protocol.ts';
import type { Sandbox } from './sandbox.ts';
import { ENDED_STATUSES, OPERATION_ID } from './stackSet.ts';
import type { StackSetOperation } from './stackSet.ts';
import { endOperation, startOperation } from './stackSetOperations.ts';

/** Body of `POST /_sandbox/operations`: somebody else's deployment onto these accounts. */
export const newOperationSchema = z.strictObject({
  accountIds: z.array(z.string()).min(1),
  /** How long it runs; null or absent = as long as all others. */
  seconds: z.number().min(0).nullable().exactOptional(),
  /** Absent = made up. */
  operationId: z.string().regex(OPERATION_ID).exactOptional(),
});

/** Body of `PATCH /_sandbox/operations/<id>`: ends it now; its accounts succeed, fail or are CANCELLED accordingly. */
export const operationChangeSchema = z.strictObject({ status: z.enum(ENDED_STATUSES) });

/** Starts somebody else's deployment; AWS's own refusals hold for it as well. */
export const createOperation = (sandbox: Sandbox, body: z.infer<typeof newOperationSchema>): StackSetOperation => {
  const { accountIds, seconds, operationId: id = randomUUID() } = body;
  const accounts = [...new Set(accountIds)].map((accountId) => findTarget(sandbox, accountId));
  try {
    return startOperation(sandbox, { id, by: 'control', accounts, ...(typeof seconds === 'number' && { seconds }) });
  } catch (error) {
    if (error instanceof AwsError) throw new ControlError(error.status, error.message);
    throw error;
  }
};

const findTarget = ({ organization }: Sandbox, id: string): SandboxAccount => {
  const account = memberAccount(organization, id);
  if (!account) throw new ControlError(404, `there is no account ${id}`);
  if (id !== organization.managementAccountId) return account;
  throw new ControlError(400, 'a service-managed StackSet never reaches the management account');
};

/** Ends an operation that is under way. */
export const changeOperation = (
  sandbox: Sandbox,
  id: string,
  { status }: z.infer<typeof operationChangeSchema>,
): StackSetOperation => {
  const { stackSet } = sandbox;
  const operation = stackSet.operations.get(id);
  if (!operation) throw new ControlError(404, `there is no operation ${id}`);
  const deployment = stackSet.underWay.get(id);
  if (!deployment) throw new ControlError(409, `operation ${id} has ended: ${operation.status}`);
  if (deployment.blocked.size > 0 && status !== 'STOPPED') {
    throw new ControlError(409, `operation ${id} waits for an earlier one, it can only be STOPPED`);
  }
  endOperation(sandbox, deployment, { told: status });
  return operation;
};

/** What control requests may do to accounts. */
import { z } from 'zod';
import { ControlError } from './controlRequest.ts';
import { accountFaultSchema } from './faults.ts';
import { drawId } from './generation.ts';
import { ROLE_CONDITIONS, addAccount, moveAccount } from './organization.ts';
import type { SandboxAccount, SandboxRole } from './organization.ts';
import type { Sandbox } from './sandbox.ts';
import {
  DETAILED_STATUSES,
  INSTANCE_STATUSES,
  OPERATION_STATUSES,
  hasEnded,
  setInstance,
  stackId,
  startOperation,
} from './stackSet.ts';
import type { DetailedStatus, InstanceStatus, OperationStatus, StackInstance } from './stackSet.ts';
import { placeOf, placeSchema } from './unitControl.ts';

const instanceSchema = z.strictObject({
  status: z.enum(INSTANCE_STATUSES).exactOptional(),
  detailedStatus: z.enum(DETAILED_STATUSES).exactOptional(),
  statusReason: z.string().exactOptional(),
  /** `unknown`: the instance names an operation that CloudFormation has forgotten. */
  operationStatus: z.enum([...OPERATION_STATUSES, 'unknown']).exactOptional(),
  operationEndedAt: z.iso.datetime({ offset: true }).nullable().exactOptional(),
});

const changeShape = {
  name: z.string().min(1).max(128).exactOptional(),
  email: z.string().exactOptional(),
  /** Served as `State`; null = not served. */
  state: z.string().nullable().exactOptional(),
  /** Served as the retired `Status`; null = not served. */
  status: z.string().nullable().exactOptional(),
  /** Path of names, missing ones are made; or the id of a unit or the root. */
  ou: placeSchema.exactOptional(),
  roles: z
    .strictObject({ read: z.enum(ROLE_CONDITIONS).exactOptional(), action: z.enum(ROLE_CONDITIONS).exactOptional() })
    .exactOptional(),
  /** What this account's roles demand instead of the sandbox's external id; null = none. */
  externalId: z.string().nullable().exactOptional(),
  instance: instanceSchema.nullable().exactOptional(),
  /** Replaces all tags. */
  tags: z.record(z.string(), z.string()).exactOptional(),
  listed: z.boolean().exactOptional(),
  gone: z.boolean().exactOptional(),
  assumeRole: accountFaultSchema.nullable().exactOptional(),
};

/** Body of `PATCH /_sandbox/accounts/<id>`: what isn't named stays. */
export const accountChangeSchema = z.strictObject(changeShape);
type AccountChange = z.infer<typeof accountChangeSchema>;

/** Body of `POST /_sandbox/accounts`: a new account, by default active, in the root, with no role deployed. */
export const newAccountSchema = z.strictObject({
  ...changeShape,
  id: z
    .string()
    .regex(/^\d{12}$/)
    .exactOptional(),
});

/** Adds an account to the organization. */
export const createAccount = (sandbox: Sandbox, body: z.infer<typeof newAccountSchema>): SandboxAccount => {
  const { organization } = sandbox;
  const { id = drawId(sandbox.random, organization, false), ...change } = body;
  if (organization.accountsById.has(id)) throw new ControlError(409, `account ${id} exists already`);
  const account: SandboxAccount = {
    id,
    name: `new-account-${organization.accounts.length + 1}`,
    email: `aws+${id}@example.com`,
    state: 'ACTIVE',
    joinedMethod: 'CREATED',
    parent: placeOf(sandbox.organization, change.ou ?? []),
    roles: { read: { condition: 'missing', since: 0 }, action: { condition: 'missing', since: 0 } },
    tags: {},
    listed: true,
    gone: false,
  };
  addAccount(organization, account);
  changeAccount(sandbox, account, change);
  return account;
};

/** Changes an account as a control request says. */
export const changeAccount = (sandbox: Sandbox, account: SandboxAccount, change: AccountChange): void => {
  if (account.id === sandbox.organization.managementAccountId) {
    if (change.instance) throw new ControlError(400, 'a service-managed StackSet never reaches the management account');
    if (change.gone) throw new ControlError(400, 'the management account cannot leave its organization');
  }
  const { ou, roles, instance, state, status, externalId, assumeRole, ...plain } = change;
  if (ou !== undefined) {
    const parent = placeOf(sandbox.organization, ou);
    if (parent !== account.parent) moveAccount(account, parent);
  }
  Object.assign(account, plain);
  if (state === null) delete account.state;
  else if (state !== undefined) account.state = state;
  if (status === null) delete account.status;
  else if (status !== undefined) account.status = status;
  if (assumeRole === null) delete account.assumeRole;
  else if (assumeRole !== undefined) account.assumeRole = assumeRole;
  if (externalId !== undefined) account.externalId = externalId;
  for (const kind of ['read', 'action'] as const) {
    const condition = roles?.[kind];
    if (condition !== undefined) account.roles[kind] = turn(account.roles[kind], condition);
  }
  if (instance === null) delete account.instance;
  else if (instance !== undefined) changeInstance(sandbox, account, instance);
};

/** A role that comes to work does so from now on. */
const turn = (role: SandboxRole, condition: SandboxRole['condition']): SandboxRole =>
  role.condition === condition ? role : { condition, since: Date.now() };

const DETAILS: Record<InstanceStatus, DetailedStatus> = {
  CURRENT: 'SUCCEEDED',
  OUTDATED: 'FAILED',
  INOPERABLE: 'INOPERABLE',
};

const statusFor = (detail: DetailedStatus): InstanceStatus => {
  if (detail === 'SUCCEEDED') return 'CURRENT';
  return detail === 'INOPERABLE' ? 'INOPERABLE' : 'OUTDATED';
};

const operationStatusFor = (detail: DetailedStatus): OperationStatus => {
  if (detail === 'PENDING') return 'QUEUED';
  if (detail === 'RUNNING') return 'RUNNING';
  if (detail === 'CANCELLED') return 'STOPPED';
  return detail === 'SUCCEEDED' || detail === 'SKIPPED_SUSPENDED_ACCOUNT' ? 'SUCCEEDED' : 'FAILED';
};

/** Each change of an instance is the work of an operation of its own, ended just now unless told otherwise. */
const changeInstance = (sandbox: Sandbox, account: SandboxAccount, change: z.infer<typeof instanceSchema>): void => {
  const { stackSet } = sandbox;
  const former = account.instance;
  const detailedStatus =
    change.detailedStatus ?? (change.status ? DETAILS[change.status] : (former?.detailedStatus ?? 'SUCCEEDED'));
  const operationId = `control-${account.id}-${stackSet.operations.size}`;
  const status = change.operationStatus ?? operationStatusFor(detailedStatus);
  if (status !== 'unknown') {
    const now = new Date();
    const { operationEndedAt = hasEnded(status) ? now.toISOString() : null } = change;
    const endedAt = operationEndedAt === null ? undefined : new Date(operationEndedAt);
    startOperation(stackSet, operationId, status, endedAt && endedAt < now ? endedAt : now, endedAt);
  }
  const instance: StackInstance = {
    status: change.status ?? statusFor(detailedStatus),
    detailedStatus,
    operationId: status === 'unknown' ? `forgotten-${account.id}` : operationId,
  };
  if (change.statusReason !== undefined) instance.statusReason = change.statusReason;
  if (instance.status === 'CURRENT') instance.stackId = stackId(stackSet, account.id);
  setInstance(stackSet, account, instance);
};

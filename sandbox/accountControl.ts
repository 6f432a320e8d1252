/** What control requests may do to accounts. */
import { z } from 'zod';
import { ControlError } from './controlRequest.ts';
import { accountFaultSchema } from './faults.ts';
import { drawId } from './generation.ts';
import { changeInstance, instanceSchema } from './instanceControl.ts';
import { ROLE_CONDITIONS, addAccount, moveAccount, turnRole } from './organization.ts';
import type { SandboxAccount } from './organization.ts';
import type { Sandbox } from './sandbox.ts';
import { placeOf, placeSchema } from './unitControl.ts';

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
  instance: instanceSchema.exactOptional(),
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
    if (condition !== undefined) account.roles[kind] = turnRole(account.roles[kind], condition);
  }
  if (instance !== undefined) changeInstance(sandbox, account, instance);
};

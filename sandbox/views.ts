/** What control requests are told about accounts, units and settings. */
import { readRoleName } from '../domain/names.ts';
import { expectationOf } from './expectation.ts';
import { lineage, unitPath } from './organization.ts';
import type { SandboxAccount, SandboxUnit } from './organization.ts';
import { hubAccountId } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import type { StackSetOperation } from './stackSet.ts';

/** A unit as control requests read it. */
export const showUnit = (unit: SandboxUnit): object => ({
  id: unit.id,
  name: unit.name,
  path: unitPath(unit),
  parentId: unit.parent?.id ?? null,
  depth: lineage(unit).length,
  accounts: unit.accounts.filter(({ gone }) => !gone).length,
});

/** An account as control requests read it. */
export const showAccount = (sandbox: Sandbox, account: SandboxAccount): object => {
  const { instance, parent, roles } = account;
  const operation = instance && sandbox.stackSet.operations.get(instance.operationId);
  return {
    id: account.id,
    name: account.name,
    email: account.email,
    state: account.state ?? null,
    status: account.status ?? null,
    managementAccount: account.id === sandbox.organization.managementAccountId,
    ou: unitPath(parent),
    ouId: parent.id,
    roles: { read: roles.read.condition, action: roles.action.condition },
    ...(account.externalId !== undefined && { externalId: account.externalId }),
    instance: instance
      ? {
          ...instance,
          operationStatus: operation?.status ?? 'unknown',
          operationEndedAt: operation?.endedAt?.toISOString() ?? null,
        }
      : null,
    tags: account.tags,
    listed: account.listed,
    gone: account.gone,
    assumeRole: account.assumeRole ?? null,
    expected: expectationOf(sandbox, account),
  };
};

/** An operation on the StackSet as control requests read it. */
export const showOperation = ({ id, action, status, createdAt, endedAt, by, results }: StackSetOperation): object => ({
  operationId: id,
  action,
  status,
  createdAt: createdAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
  by,
  results,
});

/** All settings, and the names and ids that go with them. */
export const showSettings = (sandbox: Sandbox): object => {
  const { settings, organization, stackSet } = sandbox;
  return {
    organizationId: organization.id,
    rootId: organization.root.id,
    managementAccountId: organization.managementAccountId,
    hubAccountId: hubAccountId(sandbox),
    hub: settings.hub,
    env: settings.env,
    readRole: readRoleName(settings.env),
    actionRole: settings.actionRole ?? null,
    externalId: settings.externalId ?? null,
    roles: settings.roles,
    stackSet: {
      name: stackSet.name,
      region: stackSet.region,
      exists: stackSet.exists,
      managedExecution: stackSet.managedExecution,
      operationSeconds: stackSet.operationSeconds,
      queuedSeconds: stackSet.queuedSeconds,
    },
  };
};

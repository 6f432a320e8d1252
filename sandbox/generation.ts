/** Makes an organization out of a number of accounts and a seed; the same two always make the same one. */
import { addAccount, emptyOrganization, ensureUnit } from './organization.ts';
import type { RoleCondition, SandboxAccount, SandboxOrganization } from './organization.ts';
import { letters, pick, randomFrom } from './random.ts';
import type { Random } from './random.ts';
import { SHOWCASE, SPRINKLE } from './showcase.ts';
import type { Blueprint, Condition } from './showcase.ts';
import { hasEnded, recordOperation, setInstance, stackId } from './stackSet.ts';
import type { OperationStatus, StackSet, StackSetOperation } from './stackSet.ts';
import { holdAccount } from './stackSetOperations.ts';

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';
const TEAMS = ['payments', 'checkout', 'search', 'fraud', 'data', 'mobile', 'media', 'support', 'ads', 'maps'] as const;
const STAGES = ['production', 'staging', 'development'] as const;

/** When the first roll-out took place; a fixed time, long ago. */
const ROLLOUT_STARTED = new Date('2026-01-15T09:00:00Z');
const ROLLOUT_ENDED = new Date('2026-01-15T09:14:00Z');

/** The operation that brought the roles to most accounts. */
export const ROLLOUT_ID = 'first-rollout';

const STATES: Partial<Record<Condition, string>> = {
  suspended: 'SUSPENDED',
  closed: 'CLOSED',
  pendingActivation: 'PENDING_ACTIVATION',
  pendingClosure: 'PENDING_CLOSURE',
};

const ROLES: Partial<Record<Condition, [read: RoleCondition, action: RoleCondition]>> = {
  managementAccount: ['missing', 'missing'],
  actionRoleMissing: ['works', 'missing'],
  actionRoleRefused: ['works', 'refused'],
  notDeployed: ['missing', 'missing'],
  deploying: ['missing', 'missing'],
  deploymentFailed: ['missing', 'missing'],
  deployedButRefused: ['refused', 'refused'],
  deployedButDeleted: ['missing', 'missing'],
  pendingActivation: ['missing', 'missing'],
};

/** An organization of `count` accounts, and the state of `stackSet` that goes with it. */
export const generateOrganization = (count: number, seed: number, stackSet: StackSet): SandboxOrganization => {
  const random = randomFrom(seed);
  const organization = emptyOrganization(
    `o-${letters(random, ALPHANUMERIC, 10)}`,
    `r-${letters(random, ALPHANUMERIC, 4)}`,
  );
  record(stackSet, ROLLOUT_ID, 'SUCCEEDED');
  const teams = Math.min(180, Math.floor(count / 100));
  for (let index = 0; index < count; index++) {
    const blueprint = SHOWCASE[index] ?? drawBlueprint(random, index, teams);
    const account = build(organization, blueprint, drawId(random, organization, blueprint.leadingZeros ?? false));
    addAccount(organization, account);
    deploy(stackSet, account, blueprint.condition);
  }
  return organization;
};

/** A 12-digit account id that nobody has yet. */
export const drawId = (random: Random, organization: SandboxOrganization, leadingZeros: boolean): string => {
  for (;;) {
    const id = leadingZeros
      ? `00${letters(random, '0123456789', 10)}`
      : String(Math.floor((1 + random() * 8.99) * 1e11));
    if (!organization.accountsById.has(id)) return id;
  }
};

const drawCondition = (random: Random): Condition => {
  let left = random() * 1000;
  for (const [condition, share] of SPRINKLE) if ((left -= share) < 0) return condition;
  return 'works';
};

const drawBlueprint = (random: Random, index: number, teams: number): Blueprint => {
  const stage = pick(random, STAGES);
  const units = ['Workloads', stage.charAt(0).toUpperCase() + stage.slice(1)];
  if (teams > 0) units.push(`Team ${String(1 + Math.floor((random() * teams) / STAGES.length)).padStart(3, '0')}`);
  const team = pick(random, TEAMS);
  const blueprint: Blueprint = { condition: drawCondition(random), name: `${team}-${stage}-${index}`, units };
  if (random() < 0.6) blueprint.accountRole = stage;
  if (random() < 0.5) blueprint.owner = `${team}@example.com`;
  if (random() < 0.02) blueprint.leadingZeros = true;
  return blueprint;
};

const build = (organization: SandboxOrganization, blueprint: Blueprint, id: string): SandboxAccount => {
  const parent = ensureUnit(organization, blueprint.units);
  if (typeof parent === 'string') throw new Error(parent);
  const [read, action] = ROLES[blueprint.condition] ?? ['works', 'works'];
  const tags: Record<string, string> = {};
  if (blueprint.accountRole !== undefined) tags['polo:account-role'] = blueprint.accountRole;
  if (blueprint.owner !== undefined) tags['polo:owner'] = blueprint.owner;
  return {
    id,
    name: blueprint.name,
    email: `aws+${id}@example.com`,
    state: STATES[blueprint.condition] ?? 'ACTIVE',
    joinedMethod: blueprint.condition === 'managementAccount' ? 'INVITED' : 'CREATED',
    parent,
    roles: { read: { condition: read, since: 0 }, action: { condition: action, since: 0 } },
    tags,
    listed: true,
    gone: false,
  };
};

const record = (stackSet: StackSet, id: string, status: OperationStatus): StackSetOperation =>
  recordOperation(stackSet, {
    id,
    by: 'generated',
    status,
    createdAt: ROLLOUT_STARTED,
    ...(hasEnded(status) && { endedAt: ROLLOUT_ENDED }),
  });

/** Service-managed StackSets never reach the management account; an account that nobody deployed to has no instance. */
const deploy = (stackSet: StackSet, account: SandboxAccount, condition: Condition): void => {
  if (['managementAccount', 'notDeployed', 'pendingActivation'].includes(condition)) return;
  if (condition === 'deploying') {
    const operation = record(stackSet, `deployment-${account.id}`, 'RUNNING');
    setInstance(stackSet, account, { status: 'OUTDATED', detailedStatus: 'RUNNING', operationId: operation.id });
    holdAccount(stackSet, operation, account);
  } else if (condition === 'deploymentFailed') {
    const { id } = record(stackSet, `deployment-${account.id}`, 'FAILED');
    const statusReason =
      'ResourceLogicalId:ReadRole, ResourceType:AWS::IAM::Role, ResourceStatusReason: a role with this name already exists (EntityAlreadyExists).';
    setInstance(stackSet, account, { status: 'OUTDATED', detailedStatus: 'FAILED', statusReason, operationId: id });
  } else {
    setInstance(stackSet, account, {
      status: 'CURRENT',
      detailedStatus: 'SUCCEEDED',
      stackId: stackId(stackSet, account.id),
      operationId: ROLLOUT_ID,
    });
  }
};

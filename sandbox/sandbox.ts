/** Everything that one running sandbox holds. */
import { ACTION_ROLE_NAME, roleArn, STACK_SET_REGION, stackSetName } from '../domain/names.ts';
import { emptyCallLog } from './calls.ts';
import type { CallLog } from './calls.ts';
import { noFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { generateOrganization } from './generation.ts';
import type { RoleCondition, SandboxOrganization } from './organization.ts';
import { randomFrom } from './random.ts';
import type { Random } from './random.ts';
import { emptyStackSet } from './stackSet.ts';
import type { StackSet } from './stackSet.ts';

/** Which account Polo runs in: the organization's management account, a delegated administrator, or a plain member. */
export const HUBS = ['management', 'delegated', 'member'] as const;
export type Hub = (typeof HUBS)[number];

/** What a sandbox is started with; all but `port` can be left out. */
export interface SandboxOptions {
  /** 0 = any free port. */
  port?: number;
  accounts?: number;
  seed?: number;
  /** Prefix of the read role's name. */
  env?: string;
  /** What the roles' trust policies demand; without it they demand none. */
  externalId?: string;
  /** Name of the action role, or `none` for a Polo that runs without one. */
  actionRole?: string;
  hub?: Hub;
  stackSetRegion?: string;
  /** How long operations on the StackSet run (3), and how long they are QUEUED first even if nothing is in their way (0). */
  operationSeconds?: number;
  queuedSeconds?: number;
  /** More roles that exist: an ARN, or a name in the management account (POLO_ORGANIZATION_ROLE_ARN). */
  roles?: string[];
}

/** What the roles and the hub are; control requests may change it. */
export interface Settings {
  env: string;
  /** Absent = Polo runs without an action role. */
  actionRole?: string;
  /** Absent = none demanded. */
  externalId?: string;
  hub: Hub;
  /** Roles by ARN beside those of the accounts. */
  roles: Record<string, RoleCondition>;
}

/** A simulated organization and what surrounds it. */
export interface Sandbox {
  settings: Settings;
  organization: SandboxOrganization;
  stackSet: StackSet;
  faults: Faults;
  calls: CallLog;
  /** What chance in faults begins with. */
  seed: number;
  /** For what control requests add. */
  random: Random;
}

/** Makes the organization that the options describe. */
export const createSandbox = (options: SandboxOptions = {}): Sandbox => {
  const { accounts = 24, seed = 1, env = 'demo', actionRole = ACTION_ROLE_NAME } = options;
  const stackSet = emptyStackSet(stackSetName(env), options.stackSetRegion ?? STACK_SET_REGION);
  stackSet.operationSeconds = options.operationSeconds ?? stackSet.operationSeconds;
  stackSet.queuedSeconds = options.queuedSeconds ?? stackSet.queuedSeconds;
  const organization = generateOrganization(accounts, seed, stackSet);
  const settings: Settings = { env, hub: options.hub ?? 'management', roles: {} };
  if (actionRole !== 'none') settings.actionRole = actionRole;
  if (options.externalId !== undefined) settings.externalId = options.externalId;
  for (const role of options.roles ?? []) {
    const arn = role.startsWith('arn:') ? role : roleArn('aws', organization.managementAccountId, role);
    settings.roles[arn] = 'works';
  }
  const random = randomFrom(~seed);
  return { settings, organization, stackSet, faults: noFaults(seed), calls: emptyCallLog(), seed, random };
};

/** The account that the hub's credentials belong to: the management account, or else the first member. */
export const hubAccountId = ({ settings, organization }: Sandbox): string =>
  (settings.hub === 'management' ? undefined : organization.accounts[1]?.id) ?? organization.managementAccountId;

/** How an account may use Organizations and StackSets; undefined = not at all. */
export const entitlement = (sandbox: Sandbox, accountId: string): 'SELF' | 'DELEGATED_ADMIN' | undefined => {
  if (accountId === sandbox.organization.managementAccountId) return 'SELF';
  return sandbox.settings.hub === 'delegated' && accountId === hubAccountId(sandbox) ? 'DELEGATED_ADMIN' : undefined;
};

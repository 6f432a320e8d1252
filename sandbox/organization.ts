/** The simulated organization: its accounts and organizational units, indexed so that no call has to scan them. */
import type { StackInstance } from './stackSet.ts';
import type { AccountFault } from './faults.ts';

/** How a role of an account answers the hub: it lets it in, it isn't there, or its trust policy names somebody else. */
export const ROLE_CONDITIONS = ['works', 'missing', 'refused'] as const;
export type RoleCondition = (typeof ROLE_CONDITIONS)[number];

/** A role, and since when (ms) it is what it is; a new role isn't assumable at once (fault `iamLagSeconds`). */
export interface SandboxRole {
  condition: RoleCondition;
  since: number;
}

/** A role that turns into something else does so from now on. */
export const turnRole = (role: SandboxRole, condition: RoleCondition): SandboxRole =>
  role.condition === condition ? role : { condition, since: Date.now() };

/** An account, in the organization or gone from it. */
export interface SandboxAccount {
  id: string;
  name: string;
  email: string;
  /** Served as `State`. */
  state?: string;
  /** Served as the retired `Status`. */
  status?: string;
  joinedMethod: 'CREATED' | 'INVITED';
  parent: SandboxUnit;
  roles: { read: SandboxRole; action: SandboxRole };
  /** External id that this account's roles demand instead of the sandbox's; null = none. */
  externalId?: string | null;
  instance?: StackInstance;
  tags: Record<string, string>;
  /** False: listings forget the account, DescribeAccount still knows it. */
  listed: boolean;
  /** True: the account left the organization. */
  gone: boolean;
  /** How AssumeRole into this account misbehaves. */
  assumeRole?: AccountFault;
}

/** False in the states in which nobody gets into an account. */
export const isUsable = ({ state, status }: SandboxAccount): boolean =>
  !['SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION'].includes(state ?? status ?? '');

/** An organizational unit, or the root, which has no parent. */
export interface SandboxUnit {
  id: string;
  name: string;
  parent?: SandboxUnit;
  units: SandboxUnit[];
  accounts: SandboxAccount[];
}

/** The whole organization. `accounts` never loses an element, so an index into it is a stable page position. */
export interface SandboxOrganization {
  id: string;
  managementAccountId: string;
  root: SandboxUnit;
  units: Map<string, SandboxUnit>;
  /** Deleted ones count as well: an id is never used again. */
  unitsMade: number;
  accounts: SandboxAccount[];
  accountsById: Map<string, SandboxAccount>;
}

/** AWS allows five levels of units below the root. */
const MAX_DEPTH = 5;

/** An organization with a root and nothing in it; the first account added becomes the management account. */
export const emptyOrganization = (id: string, rootId: string): SandboxOrganization => {
  const root: SandboxUnit = { id: rootId, name: 'Root', units: [], accounts: [] };
  return {
    id,
    managementAccountId: '',
    root,
    units: new Map([[rootId, root]]),
    unitsMade: 1,
    accounts: [],
    accountsById: new Map(),
  };
};

/** Adds an account to the unit that its `parent` names. */
export const addAccount = (organization: SandboxOrganization, account: SandboxAccount): void => {
  if (organization.accounts.length === 0) organization.managementAccountId = account.id;
  organization.accounts.push(account);
  organization.accountsById.set(account.id, account);
  account.parent.accounts.push(account);
};

/** Moves an account to another unit. */
export const moveAccount = (account: SandboxAccount, to: SandboxUnit): void => {
  account.parent.accounts = account.parent.accounts.filter((other) => other !== account);
  account.parent = to;
  to.accounts.push(account);
};

/** Units from the first one below the root down to `unit`; empty for the root. */
export const lineage = (unit: SandboxUnit): SandboxUnit[] => (unit.parent ? [...lineage(unit.parent), unit] : []);

/** The path of a unit by names: `/Workloads/Production`, `/` for the root. */
export const unitPath = (unit: SandboxUnit): string =>
  `/${lineage(unit)
    .map(({ name }) => name)
    .join('/')}`;

/** The account if AWS still knows it as a member. */
export const memberAccount = (organization: SandboxOrganization, id: string): SandboxAccount | undefined => {
  const account = organization.accountsById.get(id);
  return account?.gone ? undefined : account;
};

/** Levels of units in a sub-tree, its top included. */
const height = (unit: SandboxUnit): number => 1 + Math.max(0, ...unit.units.map(height));

const nameTaken = (parent: SandboxUnit, name: string, except?: SandboxUnit): boolean =>
  parent.units.some((unit) => unit !== except && unit.name === name);

/** The unit at a path of names, made where it is missing; a sentence where AWS would refuse it. */
export const ensureUnit = (organization: SandboxOrganization, names: string[]): SandboxUnit | string => {
  if (names.length > MAX_DEPTH) return `units can be nested ${MAX_DEPTH} levels deep, not ${names.length}`;
  if (names.some((name) => name.length < 1 || name.length > 128)) return 'a unit name has 1 to 128 characters';
  let unit = organization.root;
  for (const name of names) {
    unit = unit.units.find((child) => child.name === name) ?? addUnit(organization, unit, name);
  }
  return unit;
};

const addUnit = (organization: SandboxOrganization, parent: SandboxUnit, name: string): SandboxUnit => {
  const number = (organization.unitsMade++).toString(36).padStart(8, '0');
  const unit: SandboxUnit = {
    id: `ou-${organization.root.id.slice(2)}-${number}`,
    name,
    parent,
    units: [],
    accounts: [],
  };
  parent.units.push(unit);
  organization.units.set(unit.id, unit);
  return unit;
};

/** Renames and moves a unit with everything in it; a sentence where AWS would refuse it. */
export const changeUnit = (unit: SandboxUnit, name: string, parent: SandboxUnit): string | undefined => {
  if (!unit.parent) return 'the root can be neither renamed nor moved';
  if (lineage(parent).includes(unit)) return 'a unit cannot move into itself';
  if (lineage(parent).length + height(unit) > MAX_DEPTH) return `units can be nested ${MAX_DEPTH} levels deep`;
  if (nameTaken(parent, name, unit)) return `${unitPath(parent)} already has a unit named ${name}`;
  unit.parent.units = unit.parent.units.filter((other) => other !== unit);
  unit.name = name;
  unit.parent = parent;
  parent.units.push(unit);
  return undefined;
};

/** Deletes a unit; a sentence where AWS would refuse it. */
export const deleteUnit = (organization: SandboxOrganization, unit: SandboxUnit): string | undefined => {
  if (!unit.parent) return 'the root cannot be deleted';
  if (unit.units.length > 0 || unit.accounts.some(({ gone }) => !gone)) return `${unitPath(unit)} is not empty`;
  unit.parent.units = unit.parent.units.filter((other) => other !== unit);
  organization.units.delete(unit.id);
  return undefined;
};

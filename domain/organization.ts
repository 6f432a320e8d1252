/** An AWS organization as Polo reads it: accounts, organizational units and their paths by name. */

/** The states of `Account.State`; AWS may add others (facts: AWS Organizations, retired `Status`). */
export type AccountState = 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED' | (string & {});

/** The organization itself. */
export interface Organization {
  id: string;
  managementAccountId: string;
}

/** An account as one page of ListAccounts or DescribeAccount tells it. */
export interface OrganizationAccount {
  id: string;
  name: string;
  email: string;
  /** `State`, else the retired `Status`, else empty. */
  state: AccountState;
  /** `aws`, `aws-us-gov`, `aws-cn`, …, from the account's ARN. */
  partition: string;
  /** Id of the organizational unit, or of the root, that holds the account; absent where the answer has no `Paths`. */
  parentId?: string;
}

/** An organizational unit, or the root. */
export interface OrganizationalUnit {
  id: string;
  name: string;
  /** Empty for the root. */
  parentId: string;
}

/** Where an account stands: id of its parent node, and the names of the units from the first one down. */
export interface Place {
  parentId: string;
  units: string[];
}

/** What a verification needs to know of an account beforehand. */
export interface AccountFacts extends OrganizationAccount {
  managementAccount: boolean;
  /** Absent = unknown, keep what is stored. */
  place?: Place;
}

/** Node id of an organization's parent: the root is folded into the organization (design 2). */
export interface OrganizationTree {
  organizationId: string;
  rootId: string;
  units: Map<string, OrganizationalUnit>;
}

/** Names of the units from the first one below the root down to `unitId`; undefined if a unit on the way is unknown. */
export const unitNames = (tree: OrganizationTree, unitId: string): string[] | undefined => {
  const names: string[] = [];
  for (let id = unitId; id !== tree.rootId;) {
    const unit = tree.units.get(id);
    if (!unit) return undefined;
    names.unshift(unit.name);
    id = unit.parentId;
  }
  return names;
};

/** The place of an account in the tree; the root counts as the organization. */
export const placeOf = (tree: OrganizationTree, parentId: string | undefined): Place | undefined => {
  const units = parentId === undefined ? undefined : unitNames(tree, parentId);
  if (parentId === undefined || units === undefined) return undefined;
  return { parentId: parentId === tree.rootId ? tree.organizationId : parentId, units };
};

/** The column `org_unit`: `/Workloads/Production`, or `/` for the root. */
export const orgUnitPath = (units: string[]): string => `/${units.join('/')}`;

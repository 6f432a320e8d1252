/** An AWS organization as Polo reads it: accounts, organizational units and their paths by name. */

/** The states of `Account.State`; AWS may add others (facts: AWS Organizations, retired `Status`). */
export type AccountState = 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED' | (string & {});

/** The organization itself. */
export interface Organization {
  id: string;
  managementAccountId: string;
}

/** Why AWS answers for another organization than the registry holds; undefined if it doesn't, or if none is held yet. */
export const otherThanStored = ({ id }: Organization, stored: string | undefined): string | undefined =>
  stored === undefined || stored === id
    ? undefined
    : `the registry holds organization ${stored}, AWS answers for ${id}`;

/** What to do about that. */
export const ONE_ORGANIZATION =
  "check Polo's AWS credentials and POLO_ORGANIZATION_ROLE_ARN; one deployment serves one organization";

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

/** What a verification needs to know of an account that AWS has told of. */
export const factsFrom = (
  account: OrganizationAccount,
  organization: Organization,
  place: Place | undefined,
): AccountFacts => ({
  ...account,
  managementAccount: account.id === organization.managementAccountId,
  ...(place && { place }),
});

/** The node of a parent in AWS: the root, whose id begins with `r-`, is folded into the organization (design 2). */
export const nodeIdOf = (parentId: string, organizationId: string): string =>
  parentId.startsWith('r-') ? organizationId : parentId;

/** All units of an organization by id. */
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

/** The place of an account in the tree. */
export const placeOf = (tree: OrganizationTree, parentId: string | undefined): Place | undefined => {
  const units = parentId === undefined ? undefined : unitNames(tree, parentId);
  if (parentId === undefined || units === undefined) return undefined;
  return { parentId: nodeIdOf(parentId, tree.organizationId), units };
};

/** The column `org_unit`: `/Workloads/Production`, or `/` for the root. */
export const orgUnitPath = (units: string[]): string => `/${units.join('/')}`;

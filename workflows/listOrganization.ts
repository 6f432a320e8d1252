/** Reads the organization page by page: the tree of its units, then its accounts. */
import type { OrganizationAccount, OrganizationTree } from '../domain/organization.ts';
import type { OrganizationsActivities, WalkPosition } from '../activities/organizations.ts';
import { failureOf } from './failures.ts';

/** Listings that may be started anew because a page token expired. */
const RESTARTS = 5;

/** The organization's units by one walk from the root, level by level. */
export const walkTree = async (
  organizations: OrganizationsActivities,
  organizationId: string,
): Promise<OrganizationTree> => {
  const rootId = await organizations.findRoot();
  const tree: OrganizationTree = { organizationId, rootId, units: new Map() };
  for (let parents = [rootId]; parents.length > 0;) {
    const units = await walk(parents, organizations.listOrganizationalUnits);
    for (const unit of units) tree.units.set(unit.id, unit);
    parents = [...new Set(units.map((unit) => unit.id))];
  }
  return tree;
};

/** Which unit holds each account, for endpoints whose listing doesn't tell. */
export const walkAccountParents = async (
  organizations: OrganizationsActivities,
  tree: OrganizationTree,
): Promise<Map<string, string>> => {
  const placed = await walk([tree.rootId, ...tree.units.keys()], organizations.listAccountParents);
  return new Map(placed.map(({ accountId, parentId }) => [accountId, parentId]));
};

/** Parents that one call is given: call and answer carry all that are left of them into the history. */
const PARENTS_PER_CALL = 100;

/** A parent whose page token expired is read again from its first page, so what is below it may come twice. */
const walk = async <T>(
  parents: string[],
  read: (position: WalkPosition) => Promise<{ found: T[]; next?: WalkPosition }>,
): Promise<T[]> => {
  const found: T[] = [];
  const restart = restarts();
  for (let from = 0; from < parents.length; from += PARENTS_PER_CALL) {
    let position: WalkPosition | undefined = { parents: parents.slice(from, from + PARENTS_PER_CALL) };
    while (position) {
      const { parents: left }: WalkPosition = position;
      try {
        const page: { found: T[]; next?: WalkPosition } = await read(position);
        found.push(...page.found);
        position = page.next;
      } catch (error) {
        restart(error);
        position = { parents: left };
      }
    }
  }
  return found;
};

/** Lets an expired token pass a few times; every other failure is thrown. */
const restarts = (): ((error: unknown) => void) => {
  let left = RESTARTS;
  return (error) => {
    if (failureOf(error).code !== 'ListingExpired' || left-- === 0) throw error;
  };
};

/**
 * The accounts of the organization, about a hundred at a time. An expired token starts the listing again from its first
 * page, so an account may come twice.
 */
export async function* listAccounts(organizations: OrganizationsActivities): AsyncGenerator<OrganizationAccount[]> {
  const restart = restarts();
  for (let token: string | undefined; ;) {
    try {
      const page = await organizations.listAccounts(token === undefined ? {} : { token });
      yield page.accounts;
      token = page.next;
      if (token === undefined) return;
    } catch (error) {
      restart(error);
      token = undefined;
    }
  }
}

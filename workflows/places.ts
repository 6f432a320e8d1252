/** Where accounts stand in the organization. */
import type { OrganizationsActivities } from '../activities/organizations.ts';
import { placeOf, type OrganizationAccount, type OrganizationTree, type Place } from '../domain/organization.ts';
import { walkAccountParents, walkTree } from './listOrganization.ts';

/** The places of the given accounts, in their order; undefined where AWS doesn't tell. */
export type FindPlaces = (accounts: OrganizationAccount[]) => Promise<(Place | undefined)[]>;

/**
 * Reads the tree of units, and hands it to `onRead` before anybody is placed in it. It is read once more when an account
 * stands in a unit that came, or was moved, meanwhile.
 */
export const readPlaces = async (
  organizations: OrganizationsActivities,
  organizationId: string,
  onRead: (tree: OrganizationTree) => Promise<void>,
): Promise<FindPlaces> => {
  const read = async (): Promise<OrganizationTree> => {
    const found = await walkTree(organizations, organizationId);
    await onRead(found);
    return found;
  };
  let tree = await read();
  let mayReread = true;
  let parents: Map<string, string> | undefined;

  const find = async (accounts: OrganizationAccount[]): Promise<(Place | undefined)[]> => {
    if (accounts.some(({ parentId }) => parentId === undefined)) {
      parents ??= await walkAccountParents(organizations, tree);
    }
    return accounts.map(({ id, parentId }) => placeOf(tree, parentId ?? parents?.get(id)));
  };
  return async (accounts) => {
    const places = await find(accounts);
    if (!mayReread || places.every((place) => place !== undefined)) return places;
    mayReread = false;
    tree = await read();
    parents = undefined;
    return find(accounts);
  };
};

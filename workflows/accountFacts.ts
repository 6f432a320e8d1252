import { factsFrom, nodeIdOf, type AccountFacts, type Place } from '../domain/organization.ts';
import { organizationsFor, registry } from './activities.ts';

/**
 * Fresh facts of one account outside a listing: DescribeAccount first (design 4). Undefined if the organization has no such
 * account. `patience` is how long a failing call is tried again, in milliseconds.
 */
export const factsOf = async (accountId: string, patience: number): Promise<AccountFacts | undefined> => {
  const organizations = organizationsFor(patience);
  const described = await organizations.describeAccount(accountId);
  if (described === null) return undefined;
  const { account, organization } = described;
  const parentId = account.parentId ?? (await organizations.findParent(accountId));
  return factsFrom(account, organization, await knownPlace(nodeIdOf(parentId, organization.id)));
};

/**
 * The place as the last discovery stored it. In a unit that is younger the account has none until the next one: no orphans.
 * Nor has it one in a unit whose path is not known, for want of a column: what is stored of it stays.
 */
const knownPlace = async (parentId: string): Promise<Place | undefined> => {
  const node = await registry.readNode(parentId);
  if (!node || node.is_active === false) return undefined;
  const units = node.node_type === 'organization' ? [] : node.path;
  return units && { parentId, units };
};

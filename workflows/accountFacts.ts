import type { AccountFacts, Place } from '../domain/organization.ts';
import type { Settings } from '../domain/settings.ts';
import { organizationsFor, registry } from './activities.ts';

/** Fresh facts of one account outside a listing: DescribeAccount first (design 4). Undefined if the organization has no such account. */
export const factsOf = async (accountId: string, settings: Settings): Promise<AccountFacts | undefined> => {
  const organizations = organizationsFor(settings.durations.listingPatience);
  const described = await organizations.describeAccount(accountId);
  if (described === null) return undefined;
  const { account, organization } = described;
  const parentId = account.parentId ?? (await organizations.findParent(accountId));
  const place = await knownPlace(parentId.startsWith('r-') ? organization.id : parentId);
  return { ...account, managementAccount: accountId === organization.managementAccountId, ...(place && { place }) };
};

/** The place as the last discovery stored it. In a unit that is younger the account has none until the next one: no orphans. */
const knownPlace = async (parentId: string): Promise<Place | undefined> => {
  const node = await registry.readNode(parentId);
  return node?.is_active ? { parentId, units: node.path } : undefined;
};

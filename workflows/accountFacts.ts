import type { AccountFacts } from '../domain/organization.ts';
import type { Settings } from '../domain/settings.ts';
import { organizationsFor, registry } from './activities.ts';

/** Fresh facts of one account outside a listing: DescribeAccount first (design 4). Undefined if the organization has no such account. */
export const factsOf = async (accountId: string, settings: Settings): Promise<AccountFacts | undefined> => {
  const organizations = organizationsFor(settings.durations.listingPatience);
  const described = await organizations.describeAccount(accountId);
  if (described === null) return undefined;
  const { account, organization } = described;
  const parentId = account.parentId ?? (await organizations.findParent(accountId));
  const place = {
    parentId: isRoot(parentId) ? organization.id : parentId,
    units: await unitsDownTo(parentId, organizations),
  };
  return { ...account, managementAccount: accountId === organization.managementAccountId, place };
};

const isRoot = (parentId: string): boolean => parentId.startsWith('r-');

/** Names of the units down to this one: as the last discovery stored them, or for a younger unit from AWS, level by level. */
const unitsDownTo = async (unitId: string, organizations: ReturnType<typeof organizationsFor>): Promise<string[]> => {
  if (isRoot(unitId)) return [];
  const node = await registry.readNode(unitId);
  if (node?.is_active) return node.path;
  const name = await organizations.nameOfUnit(unitId);
  return [...(await unitsDownTo(await organizations.findParent(unitId), organizations)), name];
};

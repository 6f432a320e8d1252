/** What a discovery makes sure of before it touches an account: that it isn't Polo itself that is wrong (design 4). */
import type { HierarchyNode } from '../domain/account.ts';
import { hubIsRefused, SAMPLE_SIZE } from '../domain/discovery.ts';
import { unitNodeChanges } from '../domain/hierarchy.ts';
import { partitionOf } from '../domain/names.ts';
import { ONE_ORGANIZATION, otherThanStored, type Organization, type OrganizationTree } from '../domain/organization.ts';
import { registry, VERIFY_ATTEMPTS, verifyRoles } from './activities.ts';
import { fail } from './failures.ts';

/** Fails with `WrongOrganization` if AWS answers for another organization than the registry holds. */
export const refuseOtherOrganization = async (organization: Organization): Promise<void> => {
  const problem = otherThanStored(organization, await registry.readOrganizationId());
  if (problem !== undefined) throw fail('WrongOrganization', `${problem}: ${ONE_ORGANIZATION}`);
};

/** Fails with `HubRefused` if every account of a sample of active ones refuses the read role; no row is touched. */
export const refuseIfHubIsRefused = async (): Promise<void> => {
  const sample = await registry.sampleActiveAccounts(SAMPLE_SIZE);
  const outcomes = await Promise.all(
    sample.map(async ({ accountId, readRoleArn }) => {
      const partition = partitionOf(readRoleArn);
      try {
        return (await verifyRoles({ accountId, partition, attempts: VERIFY_ATTEMPTS })).read.outcome;
      } catch {
        // One bad account never fails the run: it fails by itself later.
        return 'inconclusive';
      }
    }),
  );
  if (!hubIsRefused(outcomes)) return;
  throw fail(
    'HubRefused',
    `all ${String(sample.length)} accounts of a sample that was active refuse the read role: probably Polo's own role, ` +
      'POLO_ENV or POLO_EXTERNAL_ID is wrong. Nothing was changed. If the roles are really gone: polo-accounts discover --accept-refusals',
  );
};

/** Nodes that leave in one write. */
const NODES_PER_WRITE = 200;

/** Brings organization and units in the registry up to date, before any account below them is written. */
export const syncUnits = async (tree: OrganizationTree): Promise<void> => {
  const stored: HierarchyNode[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page: { nodes: HierarchyNode[]; next?: string } = await registry.readUnitNodes(
      after === undefined ? {} : { after },
    );
    stored.push(...page.nodes);
    after = page.next;
  }
  const changes = unitNodeChanges(tree, stored, Date.now());
  for (let from = 0; from < changes.length; from += NODES_PER_WRITE) {
    await registry.writeNodes(changes.slice(from, from + NODES_PER_WRITE));
  }
};

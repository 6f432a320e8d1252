/** The daily discovery: lists the organization, verifies every account while it lists, then handles who left. */
import { CancellationScope, isCancellation, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { DISCOVERY_WORKFLOW_ID, type DiscoverAccountsInput, type DiscoverAccountsResult } from '../domain/contract.ts';
import { intoBatches, listingShrunk, missingAccounts, tallyLine } from '../domain/discovery.ts';
import type { Input } from '../domain/inputs.ts';
import { factsFrom, type Organization } from '../domain/organization.ts';
import { organizationsFor, registry, registryNow } from './activities.ts';
import { refuseIfHubIsRefused, refuseOtherOrganization, syncUnits } from './discoveryChecks.ts';
import { beginDiscovery, type DiscoveryRun } from './discoveryRun.ts';
import { failureOf } from './failures.ts';
import { listAccounts } from './listOrganization.ts';
import { parseInput } from './parseInput.ts';
import { readPlaces } from './places.ts';
import { runUnderLock } from './underLock.ts';

type DiscoveryRequest = Input<'discoverAccounts'>;

/**
 * Runs the whole organization under the id `discover-accounts`, or with `accountIds` only these under any id. Fails with
 * `InvalidInput`, `HubCredentials`, `NotEntitled`, `WrongOrganization`, `HubRefused`, or `OrganizationsUnavailable`;
 * a listing that breaks off later, and accounts that fail, are told in the result.
 */
export async function discoverAccounts(input: DiscoverAccountsInput = {}): Promise<DiscoverAccountsResult> {
  const request = parseInput('discoverAccounts', input);
  if (!request.accountIds && workflowInfo().workflowId !== DISCOVERY_WORKFLOW_ID) {
    return runUnderLock({
      lockId: DISCOVERY_WORKFLOW_ID,
      workflowType: 'discoverAccounts',
      input: request,
      tell: setCurrentDetails,
    });
  }
  const run = await beginDiscovery(request.dryRun ?? false);
  const complete = request.accountIds
    ? await verifyNamed(run, request, request.accountIds)
    : await recorded(run, () => verifyOrganization(run, request));
  if (run.settings.tags && !run.dryRun) await run.readTags();
  run.report(complete ? 'Complete' : 'Not complete');
  return run.result(complete);
}

async function verifyNamed(run: DiscoveryRun, request: DiscoveryRequest, accountIds: string[]): Promise<boolean> {
  await checkAccess(run, request);
  run.report(`Verifying ${String(accountIds.length)} named accounts`);
  const entries = [...new Set(accountIds)].map((accountId) => ({ named: accountId }));
  await Promise.all(intoBatches(entries).map(run.startBatch));
  return run.tally.failed === 0;
}

/** True if the listing ended, is believed, and every account's command was applied. */
async function verifyOrganization(run: DiscoveryRun, request: DiscoveryRequest): Promise<boolean> {
  const organization = await checkAccess(run, request);
  const listed = new Set<string>();
  const ended = await listAndVerify(run, organization, listed);
  const believed = ended && (await handleDepartures(run, listed, request.acceptDepartures));
  return believed && run.tally.failed === 0;
}

/** Makes sure that it isn't Polo itself that is wrong, before any account is touched. */
async function checkAccess(run: DiscoveryRun, { acceptRefusals }: DiscoveryRequest): Promise<Organization> {
  run.report("Checking Polo's own access");
  const organization = await organizationsFor(run.settings.durations.listingPatience).describeOrganization();
  await refuseOtherOrganization(organization);
  run.management = { accountId: organization.managementAccountId, at: new Date(Date.now()).toISOString() };
  if (!acceptRefusals) await refuseIfHubIsRefused();
  return organization;
}

/** Verifies the accounts while they are listed. False if the listing broke off: what was listed is verified all the same. */
async function listAndVerify(run: DiscoveryRun, organization: Organization, listed: Set<string>): Promise<boolean> {
  const organizations = organizationsFor(run.settings.durations.listingPatience);
  run.report('Reading the organizational units');
  const placesOf = await readPlaces(organizations, organization.id, run.dryRun ? () => Promise.resolve() : syncUnits);

  run.report('Listing the accounts');
  const batches: Promise<void>[] = [];
  let ended = true;
  try {
    for await (const page of listAccounts(organizations)) {
      const fresh = page.filter((account) => !listed.has(account.id));
      const places = await placesOf(fresh);
      const entries = fresh.map((account, index) => ({ facts: factsFrom(account, organization, places[index]) }));
      for (const { id } of fresh) listed.add(id);
      batches.push(...intoBatches(entries).map(run.startBatch));
      run.report(`Listing the accounts, ${String(listed.size)} so far`);
    }
  } catch (error) {
    if (isCancellation(error) || listed.size === 0) throw error;
    ended = false;
    run.failed(
      'ListingFailed',
      `the listing broke off after ${String(listed.size)} accounts: ${failureOf(error).message}`,
    );
  }
  run.report(`Verifying ${String(listed.size)} accounts`);
  await Promise.all(batches);
  return ended;
}

/** Known accounts that a page of ids holds. */
const IDS_PER_PAGE = 10_000;

/** Marks who left. False if the listing is too small to be believed: then nobody departs (never-shrink, design 4). */
async function handleDepartures(
  run: DiscoveryRun,
  listed: Set<string>,
  accepted: number | undefined,
): Promise<boolean> {
  const known: string[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page: { accountIds: string[]; next?: string } = await registry.readKnownAccountIds({
      limit: IDS_PER_PAGE,
      ...(after !== undefined && { after }),
    });
    known.push(...page.accountIds);
    after = page.next;
  }
  const missing = missingAccounts(known, listed);
  if (listed.size === 0 || listingShrunk(known.length, missing.length, accepted)) {
    // No number makes an empty listing believed, so none is asked for.
    const next =
      listed.size === 0
        ? 'Nobody is believed to have left an empty listing: see why AWS lists nobody, then run discover again'
        : `If they really left: polo-accounts discover --accept-departures ${String(missing.length)}`;
    run.failed(
      'ListingShrunk',
      `${String(missing.length)} of ${String(known.length)} known accounts are missing from the listing of ${String(listed.size)}` +
        `${accepted === undefined || listed.size === 0 ? '' : `, not the accepted ${String(accepted)}`}: nobody departs. ${next}`,
    );
    return false;
  }
  run.report(`Looking for ${String(missing.length)} accounts that the listing doesn't name`);
  await Promise.all(intoBatches(missing.map((accountId) => ({ missing: accountId }))).map(run.startBatch));
  return true;
}

/** Tells the history of the whole organization how the run ended: complete, not complete, or by a failure that goes on. */
async function recorded(run: DiscoveryRun, verify: () => Promise<boolean>): Promise<boolean> {
  let complete: boolean;
  try {
    complete = await verify();
  } catch (error) {
    const { code, message } = failureOf(error);
    const reason = isCancellation(error) ? 'cancelled' : `${code}: ${message}`;
    // The failure itself matters more than this entry.
    await CancellationScope.nonCancellable(() =>
      run.record('discovery_incomplete', reason, registryNow).catch(() => undefined),
    );
    throw error;
  }
  await run.record(complete ? 'discovery_completed' : 'discovery_incomplete', tallyLine(run.tally));
  return complete;
}

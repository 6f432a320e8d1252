/** Onboards many accounts, each by an onboarding of its own, a few at a time. */
import { continueAsNew, defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { SelectedAccount } from '../domain/account.ts';
import type { OnboardAccountsInput, OnboardAccountsResult } from '../domain/contract.ts';
import { failureLines, MAX_LISTED } from '../domain/discovery.ts';
import type { Input } from '../domain/inputs.ts';
import { organizationsFor, readSettings, registry } from './activities.ts';
import { fail, failureOf, isOurCancellation, REMEDY_BYTES } from './failures.ts';
import { limit } from './limit.ts';
import { onboardUnderLock } from './onboardAccount.ts';
import { parseInput } from './parseInput.ts';

/** How many accounts are done and how it went, in words. */
const progress = defineQuery<string>('progress');

/** Accounts that one run handles, so that its history stays small; a next run goes on with the others. */
const ACCOUNTS_PER_RUN = 500;

const LANES = 10;

/** What earlier runs have done. */
interface SoFar {
  result: OnboardAccountsResult;
  /** Id of the last account that they handled. */
  after?: string;
}

const nothingYet: SoFar = { result: { requested: 0, active: 0, failed: 0, failures: [] } };

/**
 * Onboards the named accounts, or those of an organizational unit that Polo has no access to, or all that are pending. The
 * management account is left out unless it is named. Accounts that fail are named in the result. Fails with `InvalidInput`.
 */
export async function onboardAccounts(
  input: OnboardAccountsInput,
  { result: before, after }: SoFar = nothingYet,
): Promise<OnboardAccountsResult> {
  const request = parseInput('onboardAccounts', input);
  const result = { ...before, failures: [...before.failures] };
  let text = 'Choosing the accounts.';
  const report = (): void => {
    text = progressLine(result);
    setCurrentDetails([text, ...failureLines(result)].join('\n'));
  };
  setHandler(progress, () => text);
  setCurrentDetails(text);

  const { accounts, next } = await choose(request, after);
  result.requested += accounts.length;
  report();
  const lane = limit(request.maxConcurrent ?? LANES);
  await Promise.all(
    accounts.map((account) =>
      lane(async () => {
        try {
          await onboardUnderLock(account.accountId, () => undefined);
          result.active++;
        } catch (error) {
          if (isOurCancellation(error)) throw error;
          result.failed++;
          result.failures = [...result.failures, { ...account, ...failureOf(error, REMEDY_BYTES) }].slice(
            0,
            MAX_LISTED,
          );
        }
        report();
      }),
    ),
  );
  if (next === undefined) return result;
  return continueAsNew<typeof onboardAccounts>(input, { result, after: next });
}

/** The next accounts to onboard, by id. */
const choose = async (
  { accountIds, orgUnit }: Input<'onboardAccounts'>,
  after: string | undefined,
): Promise<{ accounts: SelectedAccount[]; next?: string }> => {
  const page = { limit: ACCOUNTS_PER_RUN, ...(after !== undefined && { after }) };
  if (accountIds) return chooseNamed(accountIds, after);
  if (orgUnit !== undefined && (await registry.findUnmatched({ accountIds: [], orgUnits: [orgUnit] })).length > 0) {
    throw fail(
      'InvalidInput',
      `onboardAccounts: orgUnit: expected a unit with accounts in it or below, got "${orgUnit}". ` +
        'Next: polo-accounts accounts lists the units',
    );
  }
  const { durations } = await readSettings();
  const { managementAccountId } = await organizationsFor(durations.listingPatience).describeOrganization();
  const { accounts, ...rest } = await registry.selectAccounts(
    orgUnit === undefined
      ? { ...page, statuses: ['pending_setup'] }
      : { ...page, statuses: ['pending_setup', 'no_access'], orgUnit },
  );
  return { accounts: accounts.filter(({ accountId }) => accountId !== managementAccountId), ...rest };
};

/** Named accounts may be unknown to the registry: then they have no name yet. */
const chooseNamed = async (
  accountIds: string[],
  after = '',
): Promise<{ accounts: SelectedAccount[]; next?: string }> => {
  const left = [...new Set(accountIds)].filter((id) => id > after).sort();
  const ids = left.slice(0, ACCOUNTS_PER_RUN);
  const { accounts: known } = await registry.selectAccounts({ accountIds: ids, limit: ACCOUNTS_PER_RUN });
  const names = new Map(known.map(({ accountId, accountName }) => [accountId, accountName]));
  const accounts = ids.map((accountId) => ({ accountId, accountName: names.get(accountId) ?? '' }));
  const last = ids.at(-1);
  return { accounts, ...(left.length > ids.length && last !== undefined && { next: last }) };
};

const progressLine = ({ requested, active, failed }: OnboardAccountsResult): string =>
  `${String(active + failed)} of ${String(requested)} accounts done: ${String(active)} active, ${String(failed)} failed.`;

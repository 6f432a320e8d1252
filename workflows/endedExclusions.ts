/** Accounts whose exclusion ran out: nobody else would look at them before the next discovery. */
import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { Settings } from '../domain/settings.ts';
import { originOf, submitToAccount } from './accountCommands.ts';
import { factsOf } from './accountFacts.ts';
import { registryNow } from './activities.ts';
import { fail, failureOf } from './failures.ts';
import { limit } from './limit.ts';

/** Most accounts of one report; the next one goes on. */
const ACCOUNTS_AT_MOST = 200;

const LANES = 5;

/**
 * Verifies those accounts as `verifyAccount` does, and tells how many were. What fails, or takes longer than a report may
 * wait, is left to the next report.
 */
export const verifyEndedExclusions = async (actor: string, { durations }: Settings): Promise<number> => {
  const { named } = await registryNow.readEndingExclusions({ from: 0, to: Date.now(), limit: ACCOUNTS_AT_MOST });
  const report = CancellationScope.current();
  const lane = limit(LANES);
  let verified = 0;
  const verify = async (accountId: string): Promise<void> => {
    try {
      const facts = await factsOf(accountId, durations.exclusionsPatience);
      if (!facts) throw fail('AccountNotFound', 'the organization has no such account; the next discovery says so');
      const origin = originOf(actor);
      await submitToAccount(accountId, { kind: 'verify', id: `${origin.runId}/verify`, origin, facts });
      verified++;
    } catch (error) {
      if (isCancellation(error) && report.consideredCancelled) throw error;
      log.warn('an account whose exclusion ended was not verified', { account: accountId, why: failureOf(error) });
    }
  };
  if (named.length > 0) {
    await CancellationScope.withTimeout(durations.exclusionsPatience, () =>
      Promise.all(named.map(({ account_id }) => lane(() => verify(account_id)))),
    );
  }
  return verified;
};

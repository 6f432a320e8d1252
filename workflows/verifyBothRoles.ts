import { isCancellation } from '@temporalio/workflow';
import { isConclusive, type Verification } from '../domain/status.ts';
import { glanceAtRoles, VERIFY_ATTEMPTS, verifyRoles } from './activities.ts';
import { failureOf } from './failures.ts';

/** Both roles; if STS gave no answer in time, or the worker lost it, that is inconclusive. Only our own bug is a failure. */
export const verifyBothRoles = (accountId: string, partition: string): Promise<Verification> =>
  unlessLost(verifyRoles({ accountId, partition, attempts: VERIFY_ATTEMPTS }));

/**
 * The same for one of many accounts: a look that costs less, unless its answer was `seen` already; only what that leaves
 * open is verified as above.
 */
export const verifyAmongMany = async (
  accountId: string,
  partition: string,
  seen?: Verification,
): Promise<Verification> => {
  const glance = seen ?? (await unlessLost(glanceAtRoles({ accountId, partition, attempts: 1 })));
  return isConclusive(glance) ? glance : verifyBothRoles(accountId, partition);
};

const unlessLost = async (looking: Promise<Verification>): Promise<Verification> => {
  try {
    return await looking;
  } catch (error) {
    const { code, message } = failureOf(error);
    if (isCancellation(error) || code === 'VerificationInvalid') throw error;
    const outcome = { outcome: 'inconclusive', message } as const;
    return { read: outcome, action: outcome };
  }
};

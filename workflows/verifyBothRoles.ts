import { isCancellation } from '@temporalio/workflow';
import type { Verification } from '../domain/status.ts';
import { VERIFY_ATTEMPTS, verifyRoles } from './activities.ts';
import { failureOf } from './failures.ts';

/** Both roles; if STS gave no answer in time, or the worker lost it, that is inconclusive. Only our own bug is a failure. */
export const verifyBothRoles = async (accountId: string, partition: string): Promise<Verification> => {
  try {
    return await verifyRoles({ accountId, partition, attempts: VERIFY_ATTEMPTS });
  } catch (error) {
    const { code, message } = failureOf(error);
    if (isCancellation(error) || code === 'VerificationInvalid') throw error;
    const outcome = { outcome: 'inconclusive', message } as const;
    return { read: outcome, action: outcome };
  }
};

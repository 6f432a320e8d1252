/** STS: proves that a role can be assumed. What it means for the account is decided in `domain/status.ts`. */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type PQueue from 'p-queue';
import { roleArn } from '../domain/names.ts';
import type { RoleOutcome, Verification } from '../domain/status.ts';
import { errorName, kindOf, wordsWithout } from './awsErrors.ts';

/** Nobody can do anything with credentials of a verification, even if they leaked (design 4). */
const DENY_EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
});

/** The shortest that AWS accepts. */
const SESSION_SECONDS = 900;

/** One AssumeRole with the SDK's own retries must end within this, or the answer counts as inconclusive. */
const CALL_LIMIT_MS = 8_000;

/** Which account to verify, and after how many attempts to answer with what is known instead of trying again. */
export interface VerifyRolesInput {
  accountId: string;
  partition: string;
  attempts: number;
  /** Milliseconds after which no answer is one that is inconclusive, waiting for the STS rate included. */
  within?: number;
}

export interface RoleNames {
  read: string;
  action?: string;
  externalId?: string;
}

/** `pace` keeps the calls within POLO_STS_RATE. */
export const createRoleActivities = (sts: STSClient, pace: PQueue, names: RoleNames) => {
  const words = wordsWithout(names.externalId);

  const assume = async (arn: string, signal: AbortSignal): Promise<RoleOutcome> => {
    const command = new AssumeRoleCommand({
      RoleArn: arn,
      RoleSessionName: 'polo-verify',
      DurationSeconds: SESSION_SECONDS,
      Policy: DENY_EVERYTHING,
      ...(names.externalId !== undefined && { ExternalId: names.externalId }),
    });
    try {
      // The credentials in the answer are dropped here: they must never reach a log or a workflow history.
      await pace.add(
        () => sts.send(command, { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)]) }),
        { signal },
      );
      return { outcome: 'works' };
    } catch (error) {
      Context.current().cancellationSignal.throwIfAborted();
      const kind = kindOf(error);
      if (kind === 'invalid')
        throw ApplicationFailure.nonRetryable(`AssumeRole ${arn}: ${words.ofError(error)}`, 'VerificationInvalid');
      const refused = kind === 'denied' || errorName(error) === 'RegionDisabledException';
      return { outcome: refused ? 'refused' : 'inconclusive', message: words.ofError(error) };
    }
  };

  return {
    /**
     * Assumes both roles of an account. An inconclusive answer is tried again (`RolesUnverified`) until the last attempt
     * gives what it has. Fails with `VerificationInvalid` if STS rejects the request itself.
     */
    verifyRoles: async ({ accountId, partition, attempts, within }: VerifyRolesInput): Promise<Verification> => {
      const { cancellationSignal } = Context.current();
      const signal =
        within === undefined ? cancellationSignal : AbortSignal.any([cancellationSignal, AbortSignal.timeout(within)]);
      const verify = (name: string): Promise<RoleOutcome> => assume(roleArn(partition, accountId, name), signal);
      const [read, action] = await Promise.all([
        verify(names.read),
        names.action === undefined ? undefined : verify(names.action),
      ]);
      const verification = { read, ...(action && { action }) };
      for (const role of [read, action]) {
        if (role?.outcome === 'inconclusive' && Context.current().info.attempt < attempts) {
          throw ApplicationFailure.retryable(`account ${accountId}: ${role.message}`, 'RolesUnverified');
        }
      }
      return verification;
    },
  };
};

export type RoleActivities = ReturnType<typeof createRoleActivities>;

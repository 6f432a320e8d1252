/** Activities of the example collector: what it asks AWS, as the account's read role. */
import { GetCallerIdentityCommand, type GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { ACCOUNT_ACCESS_DENIED, type CollectedAccount } from 'polo-accounts/contract';
import type { AccountClients } from './accountClients.ts';

/** Who the collector is in an account. */
export interface Identity {
  accountId: string;
  /** Of the session of the read role. */
  arn: string;
}

/** The activities as their workflow sees them. */
export interface CollectorActivities {
  /** Fails with `AccountAccessDenied` or `WrongAccount` for good; with any other error it is tried again. */
  readIdentity: (account: CollectedAccount) => Promise<Identity>;
}

/** AWS spells it differently from service to service. */
const REFUSALS = ['AccessDenied', 'AccessDeniedException'];

/** In the messages of these AWS repeats the signed request, session token included. */
const TELLING_TOO_MUCH = ['IncompleteSignature', 'SignatureDoesNotMatch'];

/** An error of AWS as Polo and Temporal should see it: a refusal is final and says so by its type. */
const failureOf = (error: unknown): ApplicationFailure => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (REFUSALS.includes(name)) return ApplicationFailure.nonRetryable(`${name}: ${message}`, ACCOUNT_ACCESS_DENIED);
  return ApplicationFailure.retryable(TELLING_TOO_MUCH.includes(name) ? name : `${name}: ${message}`, name);
};

/** Credentials stay in `clients`: what an activity takes, returns and throws is stored in Temporal. */
export const createActivities = (clients: AccountClients): CollectorActivities => {
  const ask = async (account: CollectedAccount): Promise<GetCallerIdentityCommandOutput> => {
    const { cancellationSignal: abortSignal } = Context.current();
    try {
      return await clients.use(account, (sts) => sts.send(new GetCallerIdentityCommand(), { abortSignal }));
    } catch (error) {
      abortSignal.throwIfAborted();
      throw failureOf(error);
    }
  };

  return {
    readIdentity: async (account) => {
      const { Account: answered = '', Arn: arn = '' } = await ask(account);
      if (answered === account.accountId) return { accountId: answered, arn };
      const message = `expected to be in account ${account.accountId}, got ${answered}`;
      throw ApplicationFailure.nonRetryable(message, 'WrongAccount');
    },
  };
};

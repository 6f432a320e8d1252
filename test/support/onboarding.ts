/** What tests of onboarding share: a Polo whose StackSet operations are quick, new accounts, and what was asked of CloudFormation. */
import { randomUUID } from 'node:crypto';
import type { AccountEvent, OnboardAccountResult } from '../../domain/contract.ts';
import { startPolo, type Polo, type PoloOptions } from './polo.ts';

/** A StackSet operation as the sandbox shows it. */
export interface Operation {
  operationId: string;
  status: string;
  /** Who started it: a caller of the AWS API, or a control request in the place of somebody else. */
  by: 'caller' | 'control' | 'generated';
  results: { accountId: string; status: string; reason?: string }[];
}

export const startOnboardingPolo = async (options: PoloOptions = {}): Promise<Polo> => {
  const polo = await startPolo(options);
  await endOperationsSoon(polo);
  return polo;
};

/** From now on operations end by themselves, as tests have them that say nothing else. */
export const endOperationsSoon = (polo: Polo): Promise<unknown> => setStackSet(polo, { operationSeconds: 0.3 });

/** Changes how the sandbox's StackSet behaves: `exists`, `managedExecution`, `operationSeconds`, `queuedSeconds`. */
export const setStackSet = (polo: Polo, stackSet: object): Promise<unknown> =>
  polo.control('PATCH', '/settings', { stackSet });

/** A new account of the organization, by default without roles and in the root; its id. */
export const newAccount = async (polo: Polo, body: object = {}): Promise<string> =>
  (await polo.control<{ id: string }>('POST', '/accounts', body)).id;

/** Runs an onboarding under an id of its own, as the Temporal UI does; a failure is thrown as `code: message`. */
export const onboard = (polo: Polo, accountId: string): Promise<OnboardAccountResult> =>
  polo.run<OnboardAccountResult>('onboardAccount', { accountId }, `ui-${randomUUID()}`);

/** The operations on an account, in the order of their making. */
export const operationsOn = async (polo: Polo, accountId: string): Promise<Operation[]> =>
  (await polo.control<Operation[]>('GET', '/operations')).filter(({ results }) =>
    results.some((result) => result.accountId === accountId),
  );

/** The events of an account's onboardings: kind and reason. */
export const onboardingEvents = async (
  polo: Polo,
  accountId: string,
): Promise<Pick<AccountEvent, 'kind' | 'reason'>[]> =>
  (await polo.history(accountId))
    .filter(({ kind }) => kind.startsWith('onboarding_'))
    .map(({ kind, reason }) => ({ kind, reason }));

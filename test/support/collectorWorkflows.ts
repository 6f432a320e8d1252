/** Another team's collector, for tests: its input tells by account id how each account behaves. */
import { ApplicationFailure, condition, sleep } from '@temporalio/workflow';
import { ACCOUNT_ACCESS_DENIED, type CollectorInput } from '../../domain/contract.ts';

/** What an account does; without one it returns its id at once. */
export type Behaviour =
  | { does: 'throw' | 'deny'; message: string }
  | { does: 'hang' }
  | { does: 'sleep'; ms: number }
  | { does: 'return'; bytes: number };

export type Behaviours = Record<string, Behaviour>;

const behave = async ({ account: { accountId }, input = {} }: CollectorInput<Behaviours>): Promise<string> => {
  const behaviour = input[accountId] ?? input['*'];
  switch (behaviour?.does) {
    case 'throw':
      throw ApplicationFailure.nonRetryable(behaviour.message, 'TableMissing');
    case 'deny':
      throw ApplicationFailure.nonRetryable(behaviour.message, ACCOUNT_ACCESS_DENIED);
    case 'hang':
      await condition(() => false);
      break;
    case 'sleep':
      await sleep(behaviour.ms);
      break;
    case 'return':
      return 'x'.repeat(behaviour.bytes);
    case undefined:
      break;
  }
  return accountId;
};

/** A collector, and a second one of another type that does the same. */
export const collectCosts = (order: CollectorInput<Behaviours>): Promise<string> => behave(order);
export const collectAssets = (order: CollectorInput<Behaviours>): Promise<string> => behave(order);

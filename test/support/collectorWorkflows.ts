/** Another team's collector, for tests: its input tells by account id how each account behaves. */
import { ApplicationFailure, CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { ACCOUNT_ACCESS_DENIED, type CollectorInput } from '../../domain/contract.ts';

/** What an account does; without one it returns its id at once. */
export type Behaviour =
  /** The message is repeated so many times, once by default. */
  | { does: 'throw' | 'deny'; message: string; times?: number }
  | { does: 'hang' }
  | { does: 'sleep'; ms: number }
  /** Works until it is asked to stop, then takes a moment, and ends as cancelled or with a result after all. */
  | { does: 'linger'; ms: number; succeeds: boolean }
  /** A text of so many bytes in UTF-8, and half as many characters. */
  | { does: 'return'; bytes: number };

/** Behaviours by account id; `*` is any other account. Further fields are for whoever reads the input. */
export type Behaviours = Record<string, Behaviour | string>;

const behave = async ({ account: { accountId }, input = {} }: CollectorInput<Behaviours>): Promise<string> => {
  const behaviour = input[accountId] ?? input['*'];
  if (typeof behaviour !== 'object') return accountId;
  switch (behaviour.does) {
    case 'throw':
      throw ApplicationFailure.nonRetryable(behaviour.message.repeat(behaviour.times ?? 1), 'TableMissing');
    case 'deny':
      throw ApplicationFailure.nonRetryable(behaviour.message, ACCOUNT_ACCESS_DENIED);
    case 'hang':
      await condition(() => false);
      break;
    case 'sleep':
      await sleep(behaviour.ms);
      break;
    case 'linger':
      await linger(behaviour.ms, behaviour.succeeds);
      break;
    case 'return':
      return 'ü'.repeat(behaviour.bytes / 2);
  }
  return accountId;
};

const linger = async (ms: number, succeeds: boolean): Promise<void> => {
  try {
    await condition(() => false);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => sleep(ms));
    if (!succeeds) throw error;
  }
};

/** A collector, and a second one of another type that does the same. */
export const collectCosts = (order: CollectorInput<Behaviours>): Promise<string> => behave(order);
export const collectAssets = (order: CollectorInput<Behaviours>): Promise<string> => behave(order);

/** What the sandbox was asked as CloudFormation, call by call, and how often its faults struck. */
import type { Polo } from './polo.ts';

/** A call as the sandbox logs it. */
export interface CloudFormationCall {
  service: string;
  operation: string;
  accountId?: string;
  operationId?: string;
  callAs?: string;
  /** `ok`, an error's code, or what became of it without an answer. */
  outcome: string;
}

/** All that the sandbox remembers, 10,000 calls since they were last forgotten; oldest first. */
export const cloudFormationCalls = async (polo: Polo): Promise<CloudFormationCall[]> => {
  const { recent } = await polo.control<{ recent: CloudFormationCall[] }>('GET', '/calls?recent=10000');
  return recent.filter(({ service }) => service === 'cloudformation');
};

/** The calls that asked for a deployment to this account. */
export const startsFor = async (polo: Polo, accountId: string): Promise<CloudFormationCall[]> =>
  (await cloudFormationCalls(polo)).filter(
    (call) => call.operation === 'CreateStackInstances' && call.accountId === accountId,
  );

/** How often each rule of the faults has struck, in their order. */
export const strikes = async (polo: Polo): Promise<number[]> =>
  (await polo.control<{ rules: { struck: number }[] }>('GET', '/faults')).rules.map(({ struck }) => struck);

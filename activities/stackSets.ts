/** CloudFormation StackSets: what is deployed in an account. */
import {
  DescribeStackInstanceCommand,
  DescribeStackSetOperationCommand,
  type CallAs,
  type CloudFormationClient,
} from '@aws-sdk/client-cloudformation';
import { ApplicationFailure } from '@temporalio/common';
import { cutText } from '../domain/failures.ts';
import type { StackEvidence } from '../domain/status.ts';
import { errorName, kindOf, wordsOf } from './awsErrors.ts';

/** `region` is the one region that the StackSet deploys its (global) roles from. */
export interface StackSetNames {
  name: string;
  region: string;
  callAs: CallAs;
}

export const createStackSetActivities = (cloudFormation: CloudFormationClient, stackSet: StackSetNames) => {
  // Without CallAs on every call a delegated administrator is told that the StackSet does not exist.
  const target = { StackSetName: stackSet.name, CallAs: stackSet.callAs };

  const operationEnd = async (operationId: string): Promise<string | undefined> => {
    const { StackSetOperation: operation } = await cloudFormation.send(
      new DescribeStackSetOperationCommand({ ...target, OperationId: operationId }),
    );
    return operation?.EndTimestamp?.toISOString();
  };

  return {
    /**
     * The account's stack instance, as evidence why a role is refused. What AWS won't tell is `unknown`, in its words;
     * throttling and failures are tried again (`StackSetUnreadable`).
     */
    describeStackInstance: async (accountId: string): Promise<StackEvidence> => {
      try {
        const { StackInstance: instance } = await cloudFormation.send(
          new DescribeStackInstanceCommand({
            ...target,
            StackInstanceAccount: accountId,
            StackInstanceRegion: stackSet.region,
          }),
        );
        const endedAt =
          instance?.Status === 'CURRENT' && instance.LastOperationId
            ? await operationEnd(instance.LastOperationId).catch(() => undefined)
            : undefined;
        return {
          found: 'instance',
          status: instance?.Status ?? '',
          ...(instance?.StackInstanceStatus?.DetailedStatus && {
            detailedStatus: instance.StackInstanceStatus.DetailedStatus,
          }),
          ...(instance?.StatusReason && { statusReason: cutText(instance.StatusReason) }),
          ...(endedAt && { operationEndedAt: endedAt }),
        };
      } catch (error) {
        if (errorName(error) === 'StackInstanceNotFoundException') return { found: 'none' };
        if (kindOf(error) !== 'transient' || errorName(error) === 'StackSetNotFoundException') {
          return { found: 'unknown', message: wordsOf(error) };
        }
        throw ApplicationFailure.retryable(
          `StackSet ${stackSet.name}, account ${accountId}: ${wordsOf(error)}`,
          'StackSetUnreadable',
        );
      }
    },
  };
};

export type StackSetActivities = ReturnType<typeof createStackSetActivities>;

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

/** Statuses of an operation that has not ended. */
const UNDER_WAY = new Set(['QUEUED', 'RUNNING', 'STOPPING']);

export const createStackSetActivities = (cloudFormation: CloudFormationClient, stackSet: StackSetNames) => {
  // Without CallAs on every call a delegated administrator is told that the StackSet does not exist.
  const target = { StackSetName: stackSet.name, CallAs: stackSet.callAs };

  /** The end of an operation, or that it goes on; nothing where CloudFormation has forgotten it. */
  const operation = async (id: string): Promise<{ operationEndedAt?: string; detailedStatus?: string }> => {
    const command = new DescribeStackSetOperationCommand({ ...target, OperationId: id });
    const { StackSetOperation: found } = await cloudFormation.send(command).catch((error: unknown) => {
      if (errorName(error) === 'OperationNotFoundException') return { StackSetOperation: undefined };
      throw error;
    });
    if (found?.EndTimestamp) return { operationEndedAt: found.EndTimestamp.toISOString() };
    return found && UNDER_WAY.has(found.Status ?? '') ? { detailedStatus: 'RUNNING' } : {};
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
        const last =
          instance?.Status === 'CURRENT' && instance.LastOperationId ? await operation(instance.LastOperationId) : {};
        return {
          found: 'instance',
          status: instance?.Status ?? '',
          ...(instance?.StackInstanceStatus?.DetailedStatus && {
            detailedStatus: instance.StackInstanceStatus.DetailedStatus,
          }),
          ...(instance?.StatusReason && { statusReason: cutText(instance.StatusReason) }),
          ...last,
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

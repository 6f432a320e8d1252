/** CloudFormation StackSets: what is deployed in an account, and the deployment of Polo's roles into one. */
import {
  CreateStackInstancesCommand,
  DescribeStackInstanceCommand,
  DescribeStackSetCommand,
  DescribeStackSetOperationCommand,
  paginateListStackSetOperationResults,
  type CloudFormationClient,
  type StackInstance as AwsStackInstance,
  type StackSetOperation as AwsOperation,
} from '@aws-sdk/client-cloudformation';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type PQueue from 'p-queue';
import type { StackSetNames } from '../domain/contract.ts';
import { isOperating, type StackInstance, type StackSetOperation } from '../domain/stackSet.ts';
import type { StackEvidence } from '../domain/status.ts';
import { errorName, failureOfKind, kindOf, wordsWithout, type Words } from './awsErrors.ts';

/** Pages of operation results, a hundred accounts each, that are searched for one account. */
const RESULT_PAGES = 10;

/** `pace` bounds the calls that are under way at a time: its limits are shared by all who use CloudFormation. */
export const createStackSetActivities = (
  cloudFormation: CloudFormationClient,
  stackSet: StackSetNames,
  pace: PQueue,
  externalId: string | undefined,
) => {
  const words = wordsWithout(externalId);
  // Without CallAs on every call a delegated administrator is told that the StackSet does not exist.
  const target = { StackSetName: stackSet.name, CallAs: stackSet.callAs };

  const describeInstance = async (accountId: string): Promise<AwsStackInstance | undefined> => {
    const command = new DescribeStackInstanceCommand({
      ...target,
      StackInstanceAccount: accountId,
      StackInstanceRegion: stackSet.region,
    });
    const { StackInstance: found } = await cloudFormation
      .send(command)
      .catch(unless('StackInstanceNotFoundException', { StackInstance: undefined }));
    return found;
  };

  const describeOperation = async (id: string): Promise<AwsOperation | undefined> => {
    const command = new DescribeStackSetOperationCommand({ ...target, OperationId: id });
    const { StackSetOperation: found } = await cloudFormation
      .send(command)
      .catch(unless('OperationNotFoundException', { StackSetOperation: undefined }));
    return found;
  };

  /** The end of an operation, or that it goes on; nothing where CloudFormation has forgotten it. */
  const progressOf = async (id: string): Promise<{ operationEndedAt?: string; detailedStatus?: string }> => {
    const found = await describeOperation(id);
    if (found?.EndTimestamp) return { operationEndedAt: found.EndTimestamp.toISOString() };
    return found && isOperating({ status: found.Status ?? '' }) ? { detailedStatus: 'RUNNING' } : {};
  };

  const inTurn = <T>(send: () => Promise<T>): Promise<T> =>
    pace.add(send, { signal: Context.current().cancellationSignal });

  /** Says in our terms what went wrong. */
  const call = async <T>(what: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await inTurn(send);
    } catch (error) {
      Context.current().cancellationSignal.throwIfAborted();
      const where = `StackSet ${stackSet.name} in ${stackSet.region} (call as ${stackSet.callAs})`;
      throw failureOf(`${where}, ${what}`, error, words);
    }
  };

  const evidenceOf = async (accountId: string): Promise<StackEvidence> => {
    const instance = await describeInstance(accountId);
    if (!instance) return { found: 'none' };
    const { operationId, detailedStatus, ...found } = instanceOf(instance, words);
    const last = found.status === 'CURRENT' && operationId !== undefined ? await progressOf(operationId) : {};
    return { found: 'instance', ...found, ...(detailedStatus !== '' && { detailedStatus }), ...last };
  };

  return {
    /**
     * The account's stack instance, as evidence why a role is refused. What AWS won't tell is `unknown`, in its words;
     * throttling and failures are tried again (`StackSetUnreadable`).
     */
    describeStackInstance: async (accountId: string): Promise<StackEvidence> => {
      try {
        return await inTurn(() => evidenceOf(accountId));
      } catch (error) {
        if (kindOf(error) !== 'transient' || errorName(error) === 'StackSetNotFoundException') {
          return { found: 'unknown', message: words.ofError(error) };
        }
        throw ApplicationFailure.retryable(
          `StackSet ${stackSet.name}, account ${accountId}: ${words.ofError(error)}`,
          'StackSetUnreadable',
        );
      }
    },

    /** What kind of StackSet it is. Fails with `StackSetMissing` unless it is there for us to use. */
    requireStackSet: (): Promise<{ permissionModel: string }> =>
      call('DescribeStackSet', async () => {
        const { StackSet: found } = await cloudFormation.send(new DescribeStackSetCommand(target));
        return { permissionModel: found?.PermissionModel ?? '' };
      }),

    /** The account's stack instance; null if it never had one. */
    readStackInstance: (accountId: string): Promise<StackInstance | null> =>
      call(`account ${accountId}`, async () => {
        const found = await describeInstance(accountId);
        return found ? instanceOf(found, words) : null;
      }),

    /**
     * Starts the operation that deploys the roles to exactly this account. An id that CloudFormation knows already is our own
     * start, whose answer got lost. `StackSetBusy` while another operation has to end first.
     */
    createStackInstance: ({ accountId, rootId, operationId }: CreateStackInstanceInput): Promise<void> =>
      call(`CreateStackInstances for ${accountId}`, async () => {
        const command = new CreateStackInstancesCommand({
          ...target,
          // The whole organization, cut down to one account: it doesn't matter which unit that is in.
          DeploymentTargets: {
            OrganizationalUnitIds: [rootId],
            Accounts: [accountId],
            AccountFilterType: 'INTERSECTION',
          },
          Regions: [stackSet.region],
          OperationPreferences: { FailureToleranceCount: 0, MaxConcurrentCount: 1 },
          OperationId: operationId,
        });
        await cloudFormation.send(command).catch(unless('OperationIdAlreadyExistsException', undefined));
      }),

    /** How far an operation is; null if CloudFormation doesn't know it, or not yet. */
    readOperation: (operationId: string): Promise<StackSetOperation | null> =>
      call(`operation ${operationId}`, async () => {
        const found = await describeOperation(operationId);
        if (!found) return null;
        const { Status: status = '', StatusReason: reason } = found;
        return { status, ...(reason !== undefined && { statusReason: words.of(reason) }) };
      }),

    /** What an operation says of one account; null if that isn't among its first results, or not yet. */
    readOperationResult: (
      operationId: string,
      accountId: string,
    ): Promise<{ status: string; reason?: string } | null> =>
      call(`results of operation ${operationId}`, async () => {
        let pages = 0;
        const input = { ...target, OperationId: operationId };
        for await (const page of paginateListStackSetOperationResults({ client: cloudFormation }, input)) {
          const found = page.Summaries?.find(({ Account }) => Account === accountId);
          if (found)
            return { status: found.Status ?? '', ...(found.StatusReason && { reason: words.of(found.StatusReason) }) };
          if (++pages === RESULT_PAGES) break;
        }
        return null;
      }),
  };
};

export type StackSetActivities = ReturnType<typeof createStackSetActivities>;

/** Which account gets the roles, below which root, by which operation. */
export interface CreateStackInstanceInput {
  accountId: string;
  rootId: string;
  operationId: string;
}

const instanceOf = (
  { Status, StackInstanceStatus, StatusReason, LastOperationId }: AwsStackInstance,
  words: Words,
): StackInstance => ({
  status: Status ?? '',
  detailedStatus: StackInstanceStatus?.DetailedStatus ?? '',
  ...(StatusReason && { statusReason: words.of(StatusReason) }),
  ...(LastOperationId && { operationId: LastOperationId }),
});

/** What to answer instead of this error of AWS; others stay. */
const unless =
  <T>(name: string, instead: T) =>
  (error: unknown): T => {
    if (errorName(error) === name) return instead;
    throw error;
  };

const failureOf = (what: string, error: unknown, words: Words): ApplicationFailure => {
  const message = `${what}: ${words.ofError(error)}`;
  switch (errorName(error)) {
    case 'StackSetNotFoundException':
      return ApplicationFailure.nonRetryable(message, 'StackSetMissing');
    case 'OperationInProgressException':
    case 'StaleRequestException':
      return ApplicationFailure.retryable(message, 'StackSetBusy');
    // The SDK takes the last of them for throttling and has tried it again: it is a quota.
    case 'InsufficientCapabilitiesException':
    case 'InvalidOperationException':
    case 'LimitExceededException':
      return ApplicationFailure.nonRetryable(message, 'StackSetRejected');
  }
  return failureOfKind(message, error, {
    invalid: (said) => ApplicationFailure.nonRetryable(said, 'StackSetRejected'),
    transient: (said) => ApplicationFailure.retryable(said, 'StackSetUnreadable'),
  });
};

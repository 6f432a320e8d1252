/** How other workflows have an account's own workflow apply a command: as its parent, or by update. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { LIMITS } from '../domain/durations.ts';
import type { AccountCommand, CommandResult } from '../domain/commands.ts';
import { accountWorkflowId } from '../domain/contract.ts';
import type { Origin } from '../domain/events.ts';
import type { AccountSettings } from '../domain/settings.ts';
import type { account } from './account.ts';
import { readSettings, submitCommand } from './activities.ts';
import { fail, failureOf } from './failures.ts';

/** This run as the cause of what it commands. */
export const originOf = (actor: string): Origin => {
  const { workflowId, runId } = workflowInfo();
  return { workflowId, runId, actor };
};

/** Times that a command is sent again while the registry can't be reached: a few minutes in all. */
const MORE_ATTEMPTS = 20;

/** The account gives up after 45 s without its registry; waiting for longer happens here, with the account released. */
const patiently = async (apply: () => Promise<CommandResult>): Promise<CommandResult> => {
  for (let left = MORE_ATTEMPTS; ; left--) {
    try {
      return await apply();
    } catch (error) {
      if (failureOf(error).code !== 'RegistryUnavailable' || left === 0) throw error;
      await sleep((await readSettings()).durations.registryPause);
    }
  }
};

/** Hands the command to the account's workflow, started if need be. Fails with the command's own failure code. */
export const submitToAccount = (accountId: string, command: AccountCommand): Promise<CommandResult> =>
  patiently(() => submitCommand(accountId, command));

/**
 * Runs the account's workflow as a child that survives us, for others may queue commands there; if it runs already,
 * hands the command over.
 */
export const applyAsChild = (
  accountId: string,
  command: AccountCommand,
  staticSummary: string,
  settings: AccountSettings,
): Promise<CommandResult> =>
  patiently(async () => {
    try {
      const result = await executeChild<typeof account>('account', {
        workflowId: accountWorkflowId(accountId),
        args: [command, settings],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        workflowRunTimeout: LIMITS.accountRun,
        staticSummary,
      });
      if (result === undefined) throw fail('Unexpected', `account/${accountId} answered nothing`);
      return result;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return submitCommand(accountId, command);
    }
  });

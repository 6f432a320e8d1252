/** How other workflows have an account's own workflow apply a command: as its parent, or by update. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  patched,
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

/** True where an activity waits for a registry that is away; runs that began on 0.1.0 have begun to wait themselves. */
const activityWaits = (): boolean => patched('the activity waits for the registry');

/** Times that 0.1.0 sends a command again. */
const MORE_ATTEMPTS = 20;

/** How 0.1.0 waits: each time costs the history a dozen events. */
const asBefore = async (apply: () => Promise<CommandResult>): Promise<CommandResult> => {
  for (let left = MORE_ATTEMPTS; ; left--) {
    try {
      return await apply();
    } catch (error) {
      if (!saysRegistryIsAway(error) || left === 0 || activityWaits()) throw error;
      await sleep((await readSettings()).durations.registryPause);
    }
  }
};

const saysRegistryIsAway = (error: unknown): boolean => failureOf(error).code === 'RegistryUnavailable';

/**
 * Hands the command to the account's workflow, started if need be. Fails with the command's own failure code. While the
 * registry is away it is handed over again, for as long as `LIMITS.handOff` says.
 */
export const submitToAccount = (accountId: string, command: AccountCommand): Promise<CommandResult> =>
  asBefore(() => submitCommand(accountId, command));

/**
 * Runs the account's workflow as a child that survives us, for others may queue commands there; if it runs already,
 * hands the command over. The same if it gave up for want of its registry, which it does after 42 s, or after about a
 * minute if it had no answer at all.
 */
export const applyAsChild = (
  accountId: string,
  command: AccountCommand,
  staticSummary: string,
  settings: AccountSettings,
): Promise<CommandResult> =>
  asBefore(async () => {
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
      const handOver =
        error instanceof WorkflowExecutionAlreadyStartedError || (saysRegistryIsAway(error) && activityWaits());
      if (!handOver) throw error;
      return submitCommand(accountId, command);
    }
  });

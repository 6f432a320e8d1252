/** One onboarding under way: what it tells, and how its ending is written whatever it is. */
import {
  CancellationScope,
  defineQuery,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { labelOf, withoutLabel } from '../domain/account.ts';
import { cutText } from '../domain/bytes.ts';
import type { CommandResult } from '../domain/commands.ts';
import type { AccountRow, OnboardAccountResult } from '../domain/contract.ts';
import { DURATIONS, type Durations } from '../domain/durations.ts';
import { eventOf, type EventKind } from '../domain/events.ts';
import type { AccountFacts } from '../domain/organization.ts';
import type { Settings } from '../domain/settings.ts';
import { spell } from '../domain/times.ts';
import { originOf, submitToAccount } from './accountCommands.ts';
import { factsOf } from './accountFacts.ts';
import { readSettings, registry } from './activities.ts';
import { failureOf, REMEDY_BYTES } from './failures.ts';

/** What the onboarding does, in words. */
const progress = defineQuery<string>('progress');

/** What the steps of an onboarding share. */
export interface OnboardingRun {
  accountId: string;
  settings: Settings;
  actionRoleConfigured: boolean;
  /** Name and id, as far as they are known. */
  name: () => string;
  /** A duration of the table as people have it, whatever the time scale. */
  waited: (duration: keyof Durations) => string;
  /** Tells in the Temporal UI and to `progress` what is being done now. */
  report: (phase: string) => void;
  /** The account as AWS Organizations has it now; undefined if it has no such account. */
  readFacts: () => Promise<AccountFacts | undefined>;
  /** Has the account's own workflow verify it; the status table decides. */
  verify: (facts: AccountFacts) => Promise<CommandResult>;
  /** From here on a cancelled onboarding leaves the account alone: to verify it could promote it. */
  rolesAreDeployed: () => void;
  result: (outcome: OnboardAccountResult['outcome'], row: AccountRow, operationId?: string) => OnboardAccountResult;
  /** Runs the steps and writes how they began and ended, cancellation included, to row and history. */
  recorded: (steps: () => Promise<OnboardAccountResult>) => Promise<OnboardAccountResult>;
}

/** Begins to tell; call it once per run. */
export const beginOnboarding = async (accountId: string): Promise<OnboardingRun> => {
  const { runId, startTime, parent } = workflowInfo();
  const origin = originOf('onboardAccount');
  let name = accountId;
  let text = `${name}: starting`;
  let deployed = false;
  let verifications = 0;
  setHandler(progress, () => text);
  const report = (phase: string): void => {
    text = `${name}: ${phase}`;
    setCurrentDetails(text);
  };
  report('starting');
  const settings = await readSettings();

  const record = async (kind: EventKind, reason: string): Promise<void> => {
    const at = new Date(Date.now()).toISOString();
    const details = { kind, reason: cutText(reason, 2_000) };
    await registry.appendEvents([eventOf(accountId, `${runId}/onboard`, at, origin, details)]);
  };
  const readFacts = async (): Promise<AccountFacts | undefined> => {
    const facts = await factsOf(accountId, settings.durations.listingPatience);
    if (facts) name = labelOf({ accountId, accountName: facts.name });
    return facts;
  };
  const verify = (facts: AccountFacts): Promise<CommandResult> =>
    submitToAccount(accountId, { kind: 'verify', id: `${runId}/verify-${String(++verifications)}`, origin, facts });
  /** The row tells what is true now; that the onboarding failed matters more than that this did. */
  const bringRowUpToDate = async (): Promise<void> => {
    try {
      const facts = await readFacts();
      if (facts) await verify(facts);
    } catch {
      return;
    }
  };

  return {
    accountId,
    settings,
    actionRoleConfigured: settings.actionRoleName !== undefined,
    name: () => name,
    waited: (duration) => spell(DURATIONS[duration]),
    report,
    readFacts,
    verify,
    rolesAreDeployed: () => {
      deployed = true;
    },
    result: (outcome, row, operationId) => ({
      accountId,
      outcome,
      poloStatus: row.polo_status,
      ...(operationId !== undefined && { operationId }),
      readRoleArn: row.polo_read_role,
      actionRoleArn: row.polo_action_role,
      startedAt: startTime.toISOString(),
      finishedAt: new Date(Date.now()).toISOString(),
    }),
    recorded: async (steps) => {
      try {
        await record('onboarding_started', parent ? `for ${parent.workflowId}` : '');
        const result = await steps();
        await CancellationScope.nonCancellable(() => record('onboarding_succeeded', outcomeWords(result)));
        report(outcomeWords(result));
        return result;
      } catch (error) {
        await CancellationScope.nonCancellable(async () => {
          if (isCancellation(error)) {
            if (!deployed) await bringRowUpToDate();
            await record('onboarding_cancelled', `while ${text}. Nothing was stopped or undone in AWS.`);
          } else {
            await bringRowUpToDate();
            const { code, message } = failureOf(error, REMEDY_BYTES);
            await record('onboarding_failed', `${code}: ${message}`);
            report(`${code}: ${withoutLabel(message, name)}`);
          }
        });
        throw error;
      }
    },
  };
};

const outcomeWords = ({ outcome, poloStatus, operationId }: OnboardAccountResult): string =>
  outcome === 'already_active'
    ? 'the roles worked already, nothing was done'
    : `${poloStatus}${operationId === undefined ? ', the roles were deployed already' : `, roles deployed by StackSet operation ${operationId}`}`;

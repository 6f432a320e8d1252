/** Onboarding: from an account that Polo can't see to one that it can, by a StackSet operation of its own. */
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { isAccountId, label } from '../domain/account.ts';
import type { CommandResult } from '../domain/commands.ts';
import { onboardWorkflowId, type OnboardAccountInput, type OnboardAccountResult } from '../domain/contract.ts';
import { isOnboarded, refusalCode } from '../domain/onboarding.ts';
import type { AccountFacts } from '../domain/organization.ts';
import type { Verification } from '../domain/status.ts';
import { verificationLine } from '../domain/verification.ts';
import { deployRoles } from './deployRoles.ts';
import { coded, fail } from './failures.ts';
import { beginOnboarding, type OnboardingRun } from './onboardingRun.ts';
import { parseInput } from './parseInput.ts';
import { tryRoles } from './tryRoles.ts';
import { runUnderLock } from './underLock.ts';

/**
 * Runs under the id `onboard/<12 digits>`, where the input may be left out; under another id it starts that one, or joins
 * the one that runs. Fails with `InvalidInput`, `AccountNotFound`, `ManagementAccount`, `AccountNotActive`, `Excluded`,
 * `StackSetMissing`, or with the code of the step that broke; whatever happens, row and history tell it.
 */
export async function onboardAccount(input: OnboardAccountInput = {}): Promise<OnboardAccountResult> {
  const accountId = accountToOnboard(parseInput('onboardAccount', input).accountId);
  try {
    return workflowInfo().workflowId === onboardWorkflowId(accountId)
      ? await onboardHere(accountId)
      : await onboardUnderLock(accountId);
  } catch (error) {
    throw coded(error);
  }
}

/** Runs an onboarding under its locking id, or joins the one that runs: there, it can only be the same. */
export const onboardUnderLock = (accountId: string, tell = setCurrentDetails): Promise<OnboardAccountResult> =>
  runUnderLock({
    lockId: onboardWorkflowId(accountId),
    workflowType: 'onboardAccount',
    input: { accountId },
    isOurs: () => true,
    tell,
  });

/** A link to the Temporal UI can prefill an id, but no input. */
const accountToOnboard = (given: string | undefined): string => {
  const { workflowId } = workflowInfo();
  const [, named] = /^onboard\/(.*)$/.exec(workflowId) ?? [];
  if (given !== undefined && (named === undefined || named === given)) return given;
  if (given === undefined && named !== undefined && isAccountId(named)) return named;
  throw fail(
    'InvalidInput',
    `onboardAccount: accountId: expected the 12 digits of an AWS account id, either as { "accountId": "…" } or in the ` +
      `workflow id onboard/<12 digits>, got ${given ?? 'nothing'} and the workflow id ${workflowId}`,
  );
};

const onboardHere = async (accountId: string): Promise<OnboardAccountResult> => {
  const run = await beginOnboarding(accountId);
  return run.recorded(async () => {
    const before = await admit(run);
    if (isOnboarded(before, run.actionRoleConfigured)) return run.result('already_active', before.row);
    refuseUnlessJudged(run, before);

    const operationId = await deployRoles(run).catch(async (error: unknown) => {
      // An account that left or was suspended meanwhile can't be deployed to: then that is what to say.
      await requireMember(run);
      throw error;
    });
    const tried = await tryRoles(run);
    const after = await admit(run);
    if (!isOnboarded(after, run.actionRoleConfigured)) throw refusal(run, tried, after);
    return run.result('promoted', after.row, operationId);
  });
};

/** The account, if it is one of the organization that a StackSet reaches. */
const requireMember = async (run: OnboardingRun): Promise<AccountFacts> => {
  const { accountId } = run;
  const facts = await run.readFacts();
  if (!facts) {
    throw fail('AccountNotFound', `the organization has no account ${accountId}. Next: check the id`);
  }
  if (facts.managementAccount) {
    throw fail(
      'ManagementAccount',
      `${run.name()} is the organization's management account, which no StackSet reaches. ` +
        `Next: deploy the roles there by an ordinary stack, then polo-accounts verify ${accountId}`,
    );
  }
  if (facts.state !== 'ACTIVE' && facts.state !== '') {
    throw fail(
      'AccountNotActive',
      `${run.name()}: expected an ACTIVE account, AWS says ${facts.state}. Next: start again when it is ACTIVE`,
    );
  }
  return facts;
};

/** Has the account verify itself, if it can be onboarded and nobody has taken it out. Registers a new one. */
const admit = async (run: OnboardingRun): Promise<CommandResult> => {
  run.report('verifying the roles as they are');
  const result = await run.verify(await requireMember(run));
  if (result.row.polo_status === 'excluded') {
    throw fail(
      'Excluded',
      `${run.name()} is ${result.reason}. Next: polo-accounts include ${run.accountId}, then start again`,
    );
  }
  return result;
};

/** An active account that can't be judged now gets no deployment on suspicion. */
const refuseUnlessJudged = (run: OnboardingRun, { row, inconclusive, reason }: CommandResult): void => {
  if (row.polo_status !== 'active' || !inconclusive) return;
  throw fail('RolesUnverified', `${run.name()} is active; ${reason}. Next: start again when STS answers`);
};

const NEXT = {
  RolesUnverified: 'start again when STS answers',
  ActionRoleRefused:
    "compare the action role's trust policy with the StackSet's template; or set POLO_ACTION_ROLE_NAME=none",
  DeployedButRefused:
    "compare the role in the account with the StackSet's template: was it changed or deleted by hand, does a policy deny sts:AssumeRole?",
  VerificationRefused: 'somebody is changing the roles: start again',
} as const;

const refusal = (run: OnboardingRun, tried: Verification, after: CommandResult): Error => {
  const code = refusalCode(tried, after);
  const { row, reason } = after;
  // Who can't read is refused the action role as well: once is enough.
  const words = verificationLine(code === 'DeployedButRefused' ? { read: tried.read } : tried);
  return fail(
    code,
    `${label(row)} is ${row.polo_status}${reason === '' ? '' : ` (${reason})`}; ` +
      `tried for ${run.waited('rolesAppear')}: ${words}. Next: ${NEXT[code]}`,
  );
};

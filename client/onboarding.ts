/** `polo-accounts onboard`: deploys Polo's roles to accounts and makes them active. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { ClientConfiguration } from '../configuration.ts';
import {
  onboardWorkflowId,
  type OnboardAccountResult,
  type OnboardAccountsInput,
  type OnboardAccountsResult,
} from '../domain/contract.ts';
import { setupInstructions, type SetupInstructions } from '../domain/setup.ts';
import { counted } from '../domain/words.ts';
import { accountIds, checkedInput, userName } from './arguments.ts';
import { failureSections } from './failureList.ts';
import { CommandError, EXIT } from './failures.ts';
import { lines } from './output.ts';
import { readCoverage, readSetup } from './registry.ts';
import { withTemporal } from './temporal.ts';
import { printData, say } from './terminal.ts';
import { runWorkflow, type Desk } from './workflows.ts';

/** What came of one onboarding, in a line. */
export const onboardingText = ({ accountId, outcome, poloStatus, operationId }: OnboardAccountResult): string => {
  if (outcome === 'already_active') return lines(`${accountId}: already ${poloStatus}, nothing was done`);
  const how = operationId === undefined ? 'the roles were deployed already' : `StackSet operation ${operationId}`;
  return lines(`${accountId}: ${poloStatus} (${how})`);
};

/** What came of many, with the failures and their runbooks; of none, why. */
export const onboardingsText = (
  { requested, active, failed, failures }: OnboardAccountsResult,
  { orgUnit }: OnboardAccountsInput = {},
): string =>
  requested === 0
    ? lines(
        'Nothing to onboard: of the accounts that a StackSet reaches none ' +
          (orgUnit === undefined ? 'is pending_setup.' : `in ${orgUnit} is pending_setup or no_access.`),
      )
    : lines(
        `${counted(requested, 'account')} requested: ${String(active)} active, ${String(failed)} failed.`,
        ...failureSections(failures),
      );

/** The ways to set up an account by hand, for people. */
export const instructionsText = (accountId: string, { temporalUi, cli, awsCli, runbook }: SetupInstructions): string =>
  lines(
    `${accountId}:`,
    ...(temporalUi === undefined ? [] : [`  Temporal UI:  ${temporalUi}`]),
    ...(cli === undefined ? [] : [`  Command line: ${cli}`]),
    '  AWS, by hand:',
    ...awsCli.map((line) => `    ${line}`),
    `  Runbook:      ${runbook}`,
  );

const onboardOne = async (desk: Desk, id: string, json: boolean): Promise<number> => {
  say(`Onboarding ${id} …`);
  const work = {
    type: 'onboardAccount',
    workflowId: `onboard-account/${id}/${randomUUID()}`,
    input: { accountId: id },
    summary: `by ${userName()}`,
    // The one run that holds the lock does the work.
    progressOf: onboardWorkflowId(id),
  } as const;
  const result = await runWorkflow<OnboardAccountResult>(desk, work);
  printData(json, result, () => onboardingText(result));
  return EXIT.good;
};

const onboardMany = async (desk: Desk, input: OnboardAccountsInput, json: boolean): Promise<number> => {
  say('Onboarding accounts …');
  const workflowId = `onboard-accounts/${randomUUID()}`;
  const work = {
    type: 'onboardAccounts',
    workflowId,
    input,
    summary: `by ${userName()}`,
    progressOf: workflowId,
  } as const;
  const result = await runWorkflow<OnboardAccountsResult>(desk, work);
  printData(json, result, () => onboardingsText(result, input));
  return result.failed === 0 ? EXIT.good : EXIT.notAllWell;
};

const instruct = async (
  desk: Desk,
  { taskQueue, temporal, temporalUiUrl }: ClientConfiguration,
  ids: string[],
  json: boolean,
): Promise<number> => {
  const site = {
    ...(await readSetup(desk)),
    namespace: temporal.namespace,
    taskQueue,
    ...(temporalUiUrl !== undefined && { temporalUiUrl }),
  };
  const { gaps } = await readCoverage(desk);
  const management = gaps.find(({ isManagementAccount }) => isManagementAccount)?.account_id;
  const instructions = ids.map((accountId) => ({
    accountId,
    ...setupInstructions(accountId, site, accountId === management),
  }));
  printData(json, instructions, () =>
    instructions.map(({ accountId, ...ways }) => instructionsText(accountId, ways)).join('\n\n'),
  );
  return EXIT.good;
};

interface Options {
  allPending?: true;
  orgUnit?: string;
  instructions?: true;
  json?: boolean;
}

/** How to say which accounts, in the words of the command line. */
const WHICH = { accountIds: 'ids', allPending: '--all-pending', orgUnit: '--org-unit' } as const;

/** Adds the command to the program. */
export const addOnboarding = (program: Command): void => {
  program
    .command('onboard')
    .summary("Deploy Polo's roles to accounts by the StackSet and make them active.")
    .description(
      "Deploys Polo's roles to accounts by the StackSet, waits until they work and makes the accounts active; " +
        'joins onboardings that run.\nExits with 1 if one of them failed.',
    )
    .argument('[id...]', 'ids of accounts', accountIds)
    .option('--all-pending', 'every account in status pending_setup, except the management account')
    .option('--org-unit <path>', 'the accounts of this unit and below that Polo has no access to')
    .option('--instructions', 'start nothing, print the ways to set these accounts up')
    .option('--json', 'print the result as JSON')
    .action(async (ids: string[], { allPending, orgUnit, instructions, json = false }: Options) => {
      const given = {
        ...(ids.length > 0 && { accountIds: ids }),
        ...(allPending && { allPending }),
        ...(orgUnit !== undefined && { orgUnit }),
      };
      if (Object.keys(given).length !== 1 || (instructions && ids.length === 0)) {
        const expected = instructions
          ? 'onboard --instructions: expected ids of accounts'
          : 'onboard: expected exactly one of ids of accounts, --all-pending and --org-unit PATH';
        const got = Object.keys(given).map((name) => WHICH[name as keyof typeof given]);
        throw new CommandError('InvalidInput', `${expected}, got ${got.join(' and ') || 'none'}`, EXIT.usage);
      }
      const input = checkedInput<OnboardAccountsInput>('onboardAccounts', given);
      const [first] = ids;
      await withTemporal((desk, configuration) => {
        if (instructions) return instruct(desk, configuration, ids, json);
        return ids.length === 1 && first !== undefined ? onboardOne(desk, first, json) : onboardMany(desk, input, json);
      });
    });
};

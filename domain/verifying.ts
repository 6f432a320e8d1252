/** What verifying an account comes to where it is certain at once: rules that its workflow and `verifyAtOnce` share. */
import { UNKNOWN_ACCOUNT, type AccountChange, type AccountRecord } from './account.ts';
import { changeOf, momentOf, statusFound } from './change.ts';
import { resultOf, type CommandResult, type VerifyCommand } from './commands.ts';
import type { AccountSettings } from './settings.ts';
import { beforeOf, decideByKnowledge, decideByVerification, type Verification } from './status.ts';
import { rolesWork } from './verification.ts';

/** A command to verify an account, as it is applied. */
export interface Verifying {
  accountId: string;
  settings: AccountSettings;
  command: VerifyCommand;
  /** Milliseconds. */
  now: number;
}

/** How an account is registered that nobody knew and that has to be verified: as pending setup (design 4). */
export const registrationOf = ({ accountId, settings, command, now }: Verifying): AccountChange | undefined => {
  const { facts, dryRun } = command;
  if (dryRun || decideByKnowledge(undefined, facts, now)) return undefined;
  return changeOf(UNKNOWN_ACCOUNT, { facts }, momentOf(accountId, settings, command, now));
};

/** What is to be written, if anything, and answered. */
export interface PlainOutcome {
  change?: AccountChange;
  result: CommandResult;
}

/**
 * The outcome if it takes no verification (rules 1 to 3), or if every role works (rule 5). Undefined where the roles are
 * still to be looked at, and where they do not simply work: a second look or CloudFormation may have a say then. Undefined
 * as well for an account that is to be registered first, as one whose node another team has written.
 */
export const plainOutcome = (
  { accountId, settings, command, now }: Verifying,
  record: AccountRecord,
  verification?: Verification,
): PlainOutcome | undefined => {
  const { facts, dryRun } = command;
  const decision =
    decideByKnowledge(record.exclusion, facts, now) ??
    (verification && (record.row || dryRun) && rolesWork(verification)
      ? decideByVerification(beforeOf(record, facts), verification, undefined, now, settings.roleSettles)
      : undefined);
  if (!decision) return undefined;
  const change = changeOf(record, { facts, decision }, momentOf(accountId, settings, command, now));
  const row = change?.row ?? record.row;
  return (
    row && { ...(change && !dryRun && { change }), result: resultOf(row, statusFound(record, command.id), decision) }
  );
};

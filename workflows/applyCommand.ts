/** What each command does to the account that is held: load once, verify, decide by the status table, write. */
import type { AccountRecord } from '../domain/account.ts';
import { changeOf, recordAfter, type Intent } from '../domain/change.ts';
import type { AccountCommand, CommandResult, IncludeCommand, VerifyCommand } from '../domain/commands.ts';
import type { AccountRow, PoloStatus } from '../domain/contract.ts';
import type { EventDetails } from '../domain/events.ts';
import type { Settings } from '../domain/settings.ts';
import {
  decideByKnowledge,
  decideByOperator,
  decideByVerification,
  needsSecondLook,
  rememberRefusals,
  stackTells,
  type Before,
  type Decision,
  type FirstRefusals,
  type StackEvidence,
  type Verification,
} from '../domain/status.ts';
import { describeStackInstance, heldRegistry } from './activities.ts';
import { fail, failureOf } from './failures.ts';
import { verifyBothRoles } from './verifyBothRoles.ts';

/** An account while its workflow runs: what is stored, and the refusals seen so far. */
export interface HeldAccount {
  accountId: string;
  settings: Settings;
  record?: AccountRecord;
  refusals: FirstRefusals;
}

export const hold = (accountId: string, settings: Settings): HeldAccount => ({ accountId, settings, refusals: {} });

/** `look again`: a refusal would take something away from an active account, and has to be confirmed by a later look. */
export type Outcome = CommandResult | 'look again';

/** Applies one command. On the `lastLook` what is still unconfirmed counts as inconclusive, and nothing is taken away. */
export const applyCommand = async (held: HeldAccount, command: AccountCommand, lastLook: boolean): Promise<Outcome> => {
  const record = (held.record ??= await heldRegistry.loadAccount(held.accountId));
  const now = Date.now();
  switch (command.kind) {
    case 'verify':
      return verify(held, record, command, lastLook);
    case 'include': {
      const { exclusion, ...included } = record;
      const acts = exclusion
        ? [{ kind: 'included', reason: `was excluded by ${exclusion.by}: ${exclusion.reason}` } as const]
        : [];
      return verify(held, included, command, lastLook, acts);
    }
    case 'depart':
      requireKnown(held, record);
      return write(held, record, command, {
        departed: true,
        ...decided(decideByKnowledge(record.exclusion, 'departed', now)),
      });
    case 'exclude': {
      requireKnown(held, record);
      const { reason, until, origin } = command;
      const exclusion = { reason, ...(until !== undefined && { until }) };
      const decision = decideByOperator({ by: origin.actor, ...exclusion });
      return write(held, record, command, { acts: [{ kind: 'excluded', ...exclusion }], decision });
    }
    case 'setTags':
      requireKnown(held, record);
      return write(held, record, command, { tags: command });
    case 'recordScan':
      requireKnown(held, record);
      return write(held, record, command, { scan: command });
  }
};

const decided = (decision: Decision | undefined): { decision?: Decision } => (decision ? { decision } : {});

const requireKnown = (held: HeldAccount, record: AccountRecord): void => {
  if (!record.row)
    throw fail('AccountNotFound', `account ${held.accountId} is not in the registry: run polo-accounts discover first`);
};

/** Rules 1 to 3 by what is known, else the roles decide. A new account is registered first (design 4). */
const verify = async (
  held: HeldAccount,
  record: AccountRecord,
  command: VerifyCommand | IncludeCommand,
  lastLook: boolean,
  acts?: EventDetails[],
): Promise<Outcome> => {
  const { facts } = command;
  const intent: Intent = { facts, ...(acts && { acts }) };
  const known = decideByKnowledge(record.exclusion, facts, Date.now());
  if (known) return write(held, record, command, { ...intent, decision: known });

  const from = record.row?.polo_status ?? '';
  if (from === '') {
    await write(held, record, command, { facts });
    record = held.record ?? record;
  }
  const verification = await verifyBothRoles(held.accountId, facts.partition);
  const before = {
    ...(from !== '' && { status: from }),
    everActive: record.everActive,
    managementAccount: facts.managementAccount,
  };
  const stack = await stackEvidence(held.accountId, before, verification);

  const now = Date.now();
  const { secondLook, roleSettles } = held.settings.durations;
  held.refusals = rememberRefusals(held.refusals, verification, now);
  const decision = decideByVerification(before, verification, stack, now, roleSettles);
  if (!needsSecondLook(record.row, decision, held.refusals, now, secondLook)) {
    return write(held, record, command, { ...intent, decision }, from);
  }
  if (!lastLook) return 'look again';
  const unconfirmed = decideByVerification(before, UNCONFIRMED, undefined, now, roleSettles);
  return write(held, record, command, { ...intent, decision: unconfirmed }, from);
};

/** The roles worked and were refused in turn, look after look. */
const UNCONFIRMED: Verification = {
  read: { outcome: 'inconclusive', message: 'the roles work and are refused in turn' },
};

/** What CloudFormation knows of a refused account, unless its roles are known to have worked. */
const stackEvidence = async (
  accountId: string,
  before: Before,
  { read }: Verification,
): Promise<StackEvidence | undefined> => {
  if (read.outcome !== 'refused' || !stackTells(before)) return undefined;
  try {
    return await describeStackInstance(accountId);
  } catch (error) {
    return { found: 'unknown', message: failureOf(error).message };
  }
};

/** Writes what the intent changes, if anything, and tells what the account is now. A dry run only tells. */
const write = async (
  held: HeldAccount,
  record: AccountRecord,
  command: AccountCommand,
  intent: Intent,
  from: PoloStatus | '' = record.row?.polo_status ?? '',
): Promise<CommandResult> => {
  const { readRoleName, actionRoleName } = held.settings;
  const change = changeOf(record, intent, {
    accountId: held.accountId,
    commandId: command.id,
    origin: command.origin,
    now: Date.now(),
    readRoleName,
    ...(actionRoleName !== undefined && { actionRoleName }),
  });
  if (change) {
    if ('dryRun' in command && command.dryRun) return resultOf(change.row, from, intent);
    // Until it is known to be written, what is stored is not known.
    delete held.record;
    await heldRegistry.writeAccount(change);
    held.record = recordAfter(record, change);
  }
  const row = held.record?.row ?? record.row;
  if (!row) throw fail('AccountNotFound', `account ${held.accountId} is not in the registry`);
  return resultOf(row, from, intent);
};

const resultOf = (row: AccountRow, from: PoloStatus | '', intent: Intent): CommandResult => ({
  row,
  from,
  to: row.polo_status,
  reason: row.last_scan_error,
  inconclusive: intent.decision?.inconclusive ?? false,
});

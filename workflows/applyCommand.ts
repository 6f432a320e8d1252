/** What each command does to the account that is held: load, verify, decide by the status table, write. */
import { isCancellation } from '@temporalio/workflow';
import type { Seen } from '../activities/verifyAtOnce.ts';
import type { AccountRecord } from '../domain/account.ts';
import { changeOf, isApplied, momentOf, recordAfter, statusFound, type Intent } from '../domain/change.ts';
import {
  resultOf,
  type AccountCommand,
  type CommandResult,
  type IncludeCommand,
  type VerifyCommand,
} from '../domain/commands.ts';
import type { AccountRow } from '../domain/contract.ts';
import type { EventDetails } from '../domain/events.ts';
import type { AccountSettings } from '../domain/settings.ts';
import {
  beforeOf,
  decideByKnowledge,
  decideByOperator,
  decideByVerification,
  needsSecondLook,
  rememberRefusals,
  stackTells,
  type Decision,
  type FirstRefusals,
  type StackEvidence,
  type Verification,
} from '../domain/status.ts';
import { registrationOf, type Verifying } from '../domain/verifying.ts';
import { describeStackInstance, heldRegistry, verifyAtOnce } from './activities.ts';
import { fail, failureOf } from './failures.ts';
import { verifyAmongMany, verifyBothRoles } from './verifyBothRoles.ts';

/** An account while its workflow runs: what is stored, and the refusals seen so far. */
export interface HeldAccount {
  accountId: string;
  settings: AccountSettings;
  record?: AccountRecord;
  refusals: FirstRefusals;
}

export const hold = (accountId: string, settings: AccountSettings): HeldAccount => ({
  accountId,
  settings,
  refusals: {},
});

/** `look again`: a refusal would take something away from an active account, and has to be confirmed by a later look. */
export type Outcome = CommandResult | 'look again';

/** Applies one command. On the `lastLook` what is still unconfirmed counts as inconclusive, and nothing is taken away. */
export const applyCommand = async (held: HeldAccount, command: AccountCommand, lastLook: boolean): Promise<Outcome> => {
  const { accountId, settings } = held;
  const now = Date.now();
  const verifying = command.kind === 'verify' && !held.record ? { accountId, settings, command, now } : undefined;
  const found = verifying?.command.atOnce ? await verifiedAtOnce(verifying) : undefined;
  if (found && 'result' in found) {
    held.refusals = {};
    return found.result;
  }

  const registration = verifying && registrationOf(verifying);
  const record = (held.record ??= found?.record ?? (await heldRegistry.loadAccount(accountId, registration)));
  if (isApplied(record, command.id)) return resultOf(requireKnown(held, record), statusFound(record, command.id));
  switch (command.kind) {
    case 'verify':
      return verify(held, record, command, lastLook, { seen: found?.verification });
    case 'include': {
      const { exclusion, ...included } = record;
      const acts = exclusion
        ? [{ kind: 'included', reason: `was excluded by ${exclusion.by}: ${exclusion.reason}` } as const]
        : [];
      return verify(held, included, command, lastLook, { acts });
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

/** The short way of one among many. Nothing if it fails: the account goes the long way then. */
const verifiedAtOnce = async (verifying: Verifying): Promise<{ result: CommandResult } | Seen | undefined> => {
  try {
    return await verifyAtOnce(verifying);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
};

const decided = (decision: Decision | undefined): { decision?: Decision } => (decision ? { decision } : {});

const requireKnown = ({ accountId }: HeldAccount, { row }: AccountRecord): AccountRow => {
  if (row) return row;
  throw fail('AccountNotFound', `account ${accountId} is not in the registry: run polo-accounts discover first`);
};

/** Rules 1 to 3 by what is known, else the roles decide. A new account is registered first (design 4). */
const verify = async (
  held: HeldAccount,
  record: AccountRecord,
  command: VerifyCommand | IncludeCommand,
  lastLook: boolean,
  { acts, seen }: { acts?: EventDetails[]; seen?: Verification | undefined } = {},
): Promise<Outcome> => {
  const { facts } = command;
  const intent: Intent = { facts, ...(acts && { acts }) };
  const known = decideByKnowledge(record.exclusion, facts, Date.now());
  if (known) return write(held, record, command, { ...intent, decision: known });

  // Most new accounts are registered with their load.
  if (!record.row) {
    await write(held, record, command, { facts });
    record = held.record ?? record;
  }
  const verification = await ('amongMany' in command && command.amongMany
    ? verifyAmongMany(held.accountId, facts.partition, seen)
    : verifyBothRoles(held.accountId, facts.partition));
  const before = beforeOf(record, facts);
  const asks = verification.read.outcome === 'refused' && stackTells(before);
  const stack = asks ? await stackEvidence(held.accountId) : undefined;

  const now = Date.now();
  const { secondLook, roleSettles } = held.settings;
  held.refusals = rememberRefusals(held.refusals, verification, now);
  const decision = decideByVerification(before, verification, stack, now, roleSettles);
  if (!needsSecondLook(record.row, decision, held.refusals, now, secondLook)) {
    return write(held, record, command, { ...intent, decision });
  }
  if (!lastLook) return 'look again';
  const unconfirmed = decideByVerification(before, UNCONFIRMED, undefined, now, roleSettles);
  return write(held, record, command, { ...intent, decision: unconfirmed });
};

/** The roles worked and were refused in turn, look after look. */
const UNCONFIRMED: Verification = {
  read: { outcome: 'inconclusive', message: 'the roles work and are refused in turn' },
};

/** What CloudFormation knows of the account. */
const stackEvidence = async (accountId: string): Promise<StackEvidence> => {
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
): Promise<CommandResult> => {
  const from = statusFound(record, command.id);
  const change = changeOf(record, intent, momentOf(held.accountId, held.settings, command, Date.now()));
  if (change) {
    if ('dryRun' in command && command.dryRun) return resultOf(change.row, from, intent.decision);
    // Until it is known to be written, what is stored is not known.
    delete held.record;
    await heldRegistry.writeAccount(change);
    held.record = recordAfter(record, change);
  }
  return resultOf(requireKnown(held, held.record ?? record), from, intent.decision);
};

/** The status table of design section 4: what Polo concludes about an account. First match wins. */
import type { AccountRecord, Exclusion } from './account.ts';
import type { PoloStatus } from './contract.ts';
import type { AccountFacts, AccountState } from './organization.ts';
import { isUnderWay } from './stackSet.ts';

/** What sts:AssumeRole said about one role. A refusal is AWS's final word, inconclusive is everything that a retry may change. */
export type RoleOutcome = { outcome: 'works' } | { outcome: 'refused' | 'inconclusive'; message: string };

/** The verification of both roles; `action` is absent where no action role is configured. */
export interface Verification {
  read: RoleOutcome;
  action?: RoleOutcome;
}

/** True if every configured role was judged. */
export const isConclusive = ({ read, action }: Verification): boolean =>
  read.outcome !== 'inconclusive' && action?.outcome !== 'inconclusive';

/** The account's instance in Polo's StackSet; asked only for refused accounts. */
export type StackEvidence =
  | { found: 'none' }
  | { found: 'unknown'; message: string }
  | {
      found: 'instance';
      status: string;
      detailedStatus?: string;
      statusReason?: string;
      /** When the instance's last operation ended, ISO 8601; absent if unknown. */
      operationEndedAt?: string;
    };

/** What becomes of a role's ARN in the row. */
export type ArnDecision = 'set' | 'clear' | 'keep';

/** What the table says: the new status, the access part of `last_scan_error` ('' when all is well) and both ARNs. */
export interface Decision {
  rule: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
  status: PoloStatus;
  reason: string;
  readRole: ArnDecision;
  actionRole: ArnDecision;
  /** Not every configured role could be judged. */
  inconclusive: boolean;
}

const excluded = (rule: 1 | 2 | 3, reason: string): Decision => ({
  rule,
  status: 'excluded',
  reason,
  readRole: 'clear',
  actionRole: 'clear',
  inconclusive: false,
});

/** True while an operator's exclusion holds. `now` in milliseconds. */
export const exclusionHolds = (exclusion: Exclusion, now: number): boolean =>
  exclusion.until === undefined || Date.parse(exclusion.until) >= now;

/** States in which an account is unusable and returns by itself (rule 2); every other one is verified. */
const UNUSABLE = new Set<AccountState>(['SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION']);

/** Rule 1: what an operator's exclusion makes of the account. */
export const decideByOperator = ({ by, reason }: Exclusion): Decision => excluded(1, `excluded by ${by}: ${reason}`);

/** Rules 1 to 3, which need no verification; undefined if the account has to be verified. */
export const decideByKnowledge = (
  exclusion: Exclusion | undefined,
  presence: { state: AccountState } | 'departed',
  now: number,
): Decision | undefined => {
  if (exclusion && exclusionHolds(exclusion, now)) return decideByOperator(exclusion);
  if (presence === 'departed') return excluded(3, 'left the organization');
  return UNUSABLE.has(presence.state) ? excluded(2, `account is ${presence.state}`) : undefined;
};

/** The stored facts that rules 4 to 9 look at. */
export interface Before {
  /** Absent for a new account. */
  status?: PoloStatus;
  /** The row says active or no_access, or events show that it ever was active. */
  everActive: boolean;
  managementAccount: boolean;
}

/** What the rules look at. */
export const beforeOf = ({ row, everActive }: AccountRecord, facts: AccountFacts): Before => ({
  ...(row && { status: row.polo_status }),
  everActive,
  managementAccount: facts.managementAccount,
});

/** True if the account had its roles once: a refusal then means that access was lost (rule 7). */
export const wasActive = ({ everActive, status }: Before): boolean =>
  everActive || status === 'active' || status === 'no_access';

/** True if a change of status means that access was lost: Polo was in, and is refused. Who is excluded is not lost. */
export const isLoss = ({ from, to }: { from: PoloStatus | ''; to: PoloStatus }): boolean =>
  from === 'active' && to === 'no_access';

/** True if the StackSet can tell something about a refusal: not for an account whose roles are known to have worked. */
export const stackTells = ({ everActive, status }: Before): boolean => !everActive && status !== 'active';

/** Rules 4 to 9. `settled` = milliseconds after an operation's end from which its roles must be assumable. */
export const decideByVerification = (
  before: Before,
  { read, action }: Verification,
  stack: StackEvidence | undefined,
  now: number,
  settled: number,
): Decision => {
  if (read.outcome === 'inconclusive') {
    const status = before.status === undefined || before.status === 'excluded' ? 'pending_setup' : before.status;
    const reason = `verification inconclusive: ${read.message}`;
    return { rule: 4, status, reason, readRole: 'keep', actionRole: 'keep', inconclusive: true };
  }
  if (read.outcome === 'works') return decideByActionRole(action);

  const refused = (rule: 7 | 8 | 9, status: PoloStatus, reason: string): Decision => ({
    rule,
    status,
    reason,
    readRole: 'clear',
    actionRole:
      action === undefined || action.outcome === 'refused' ? 'clear' : action.outcome === 'works' ? 'set' : 'keep',
    inconclusive: action?.outcome === 'inconclusive',
  });
  const deployed = stack?.found === 'instance' && stack.status === 'CURRENT' && hasSettled(stack, now, settled);
  // The words stay the same when rule 8 put the account there and rule 7 finds it so the next day.
  const reason = `read role refused${deployed ? ' although deployed' : ''}: ${read.message}`;
  if (wasActive(before)) return refused(7, 'no_access', reason);
  if (deployed) return refused(8, 'no_access', reason);
  return refused(9, 'pending_setup', notDeployed(before.managementAccount, stack));
};

/** Rules 5 and 6, once the read role works. */
const decideByActionRole = (action: RoleOutcome | undefined): Decision => {
  const active = { status: 'active', readRole: 'set' } as const;
  if (action === undefined) return { ...active, rule: 5, reason: '', actionRole: 'clear', inconclusive: false };
  switch (action.outcome) {
    case 'works':
      return { ...active, rule: 5, reason: '', actionRole: 'set', inconclusive: false };
    case 'refused':
      return {
        ...active,
        rule: 6,
        reason: `action role refused: ${action.message}`,
        actionRole: 'clear',
        inconclusive: false,
      };
    case 'inconclusive': {
      const reason = `verification inconclusive: action role: ${action.message}`;
      return { ...active, rule: 5, reason, actionRole: 'keep', inconclusive: true };
    }
  }
};

const hasSettled = (instance: Extract<StackEvidence, { found: 'instance' }>, now: number, settled: number): boolean => {
  const { operationEndedAt } = instance;
  return !isUnderWay(instance) && (operationEndedAt === undefined || now - Date.parse(operationEndedAt) > settled);
};

/** Why roles that never worked aren't there (rule 9). */
const notDeployed = (managementAccount: boolean, stack: StackEvidence | undefined): string => {
  if (managementAccount) return 'deploy the management stack by hand';
  if (stack === undefined || stack.found === 'none') return 'roles not deployed';
  if (stack.found === 'unknown') return `roles not deployed (StackSet not readable: ${stack.message})`;
  if (stack.status === 'CURRENT' || isUnderWay(stack)) return 'deploying';
  return `deployment failed: ${stack.detailedStatus ?? stack.status}${stack.statusReason ? `: ${stack.statusReason}` : ''}`;
};

/** When each role was first refused without having worked since, in milliseconds. */
export interface FirstRefusals {
  read?: number;
  action?: number;
}

/** First refusals after one more verification: a success forgets, an inconclusive answer changes nothing. */
export const rememberRefusals = (before: FirstRefusals, verification: Verification, now: number): FirstRefusals => {
  const next = (outcome: RoleOutcome | undefined, first: number | undefined): number | undefined =>
    outcome?.outcome === 'refused' ? (first ?? now) : outcome?.outcome === 'works' ? undefined : first;
  const read = next(verification.read, before.read);
  const action = next(verification.action, before.action);
  return { ...(read !== undefined && { read }), ...(action !== undefined && { action }) };
};

/**
 * True if the decision would take something away from an active account on a refusal younger than `wait` milliseconds:
 * a second look has to confirm it (design 4).
 */
export const needsSecondLook = (
  row: { polo_status: PoloStatus; polo_action_role: string } | undefined,
  decision: Decision,
  first: FirstRefusals,
  now: number,
  wait: number,
): boolean => {
  // Rules 1 to 5 take nothing away because of a refusal.
  if (row?.polo_status !== 'active' || decision.rule < 6) return false;
  const young = (refusal: number | undefined): boolean => refusal !== undefined && now - refusal < wait;
  const demotes = decision.status !== 'active';
  const clearsActionRole = decision.actionRole === 'clear' && row.polo_action_role !== '';
  return (demotes && young(first.read)) || (clearsActionRole && young(first.action));
};

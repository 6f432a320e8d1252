/**
 * What a first discovery of a fresh registry should make of each account: design section 4, worked out anew from the
 * sandbox's own state, so that tests compare two independent readings. Faults that aren't the account's own don't count.
 */
import type { PoloStatus } from '../domain/contract.ts';
import { isUsable } from './organization.ts';
import type { RoleCondition, SandboxAccount } from './organization.ts';
import { verdictOf } from './faults.ts';
import type { Sandbox } from './sandbox.ts';
import { hasEnded } from './stackSet.ts';
import { demandedExternalId } from './stsApi.ts';

/** The status, the rule of design section 4 that gives it, and how the text for people begins. */
export interface Expectation {
  polo_status: PoloStatus;
  rule: number;
  last_scan_error_begins: string;
  /** Whether the columns `polo_read_role` and `polo_action_role` hold an ARN. */
  polo_read_role: boolean;
  polo_action_role: boolean;
}

/** How long after an operation's end a refusal still counts as a roll-out in progress (rule 8). */
const SETTLING_MS = 5 * 60_000;

/** The expectation for an account; null for one that a first discovery doesn't see. */
export const expectationOf = (sandbox: Sandbox, account: SandboxAccount, now = Date.now()): Expectation | null => {
  if (account.gone || !account.listed) return null;
  if (!isUsable(account)) return unseen('excluded', 2, `account is ${account.state ?? account.status}`);
  const verdict = verdictOf(account.assumeRole);
  if (verdict === 'inconclusive') return unseen('pending_setup', 4, 'verification inconclusive');
  const works = ({ condition }: { condition: RoleCondition }): boolean =>
    verdict === 'none' && condition === 'works' && knowsExternalId(sandbox, account);
  if (!works(account.roles.read)) return refused(sandbox, account, now);
  const action = sandbox.settings.actionRole !== undefined;
  if (!action || works(account.roles.action)) return seen(5, '', action);
  return seen(6, 'action role refused', false);
};

/** Polo is taken to know the sandbox's external id, but not one that a single account demands. */
const knowsExternalId = ({ settings }: Sandbox, account: SandboxAccount): boolean => {
  const demanded = demandedExternalId(settings, account);
  return demanded === undefined || demanded === settings.externalId;
};

const seen = (rule: number, begins: string, action: boolean): Expectation => ({
  polo_status: 'active',
  rule,
  last_scan_error_begins: begins,
  polo_read_role: true,
  polo_action_role: action,
});

const unseen = (polo_status: PoloStatus, rule: number, begins: string): Expectation => ({
  polo_status,
  rule,
  last_scan_error_begins: begins,
  polo_read_role: false,
  polo_action_role: false,
});

const refused = (sandbox: Sandbox, account: SandboxAccount, now: number): Expectation => {
  const pending = (begins: string): Expectation => unseen('pending_setup', 9, begins);
  if (account.id === sandbox.organization.managementAccountId) return pending('deploy the management stack by hand');
  const { instance } = account;
  if (!instance || !sandbox.stackSet.exists) return pending('roles not deployed');
  if (instance.status === 'CURRENT') {
    const operation = sandbox.stackSet.operations.get(instance.operationId);
    const settled =
      !operation || (hasEnded(operation.status) && now - (operation.endedAt?.getTime() ?? 0) > SETTLING_MS);
    if (settled) return unseen('no_access', 8, 'read role refused although deployed');
    return pending('deploying');
  }
  return pending(['PENDING', 'RUNNING'].includes(instance.detailedStatus) ? 'deploying' : 'deployment failed');
};

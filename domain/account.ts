/** What the registry knows of one account, and how an account is named to people. */
import type { AccountRow, AccountEvent, PoloStatus } from './contract.ts';

/** An operator's exclusion. `until` is ISO 8601; without it the exclusion lasts until somebody includes the account again. */
export interface Exclusion {
  by: string;
  reason: string;
  until?: string;
}

/** A collector's failure that no success of the same workflow type has cleared yet. */
export interface OpenScanFailure {
  workflowType: string;
  message: string;
}

/**
 * A node of `polo.hierarchy_nodes` as it is stored; what the table of another team has no column for is absent: nobody
 * knows it. `path` holds names, from the first organizational unit to the node itself.
 */
export interface HierarchyNode {
  node_id: string;
  node_type: 'organization' | 'organizational_unit' | 'account';
  parent_id: string;
  name: string;
  path?: string[];
  is_active?: boolean;
  updated_at?: string;
  _version?: string;
}

/** A node to be written; the table takes what it has columns for. */
export type WholeNode = Required<HierarchyNode>;

/** That an operator's command excluded or included the account, and when (ISO 8601). */
export interface Act {
  commandId: string;
  at: string;
}

/** Everything that is stored about one account; what comes from events is already folded. */
export interface AccountRecord {
  /** Absent for an account that Polo never saw. */
  row?: AccountRow;
  node?: HierarchyNode;
  /** Left the organization and has not returned. */
  departed: boolean;
  /** Was active at least once. */
  everActive: boolean;
  /** The latest exclusion that is not recorded as ended; its `until` may be past. */
  exclusion?: Exclusion;
  /** The latest exclusions and inclusions as they were loaded, the newest first; absent if there were none. */
  acts?: Act[];
  /** The latest command that changed the status, and what the status was before it: empty for a new account. */
  statusChange?: { commandId: string; from: PoloStatus | '' };
  openScanFailures: OpenScanFailure[];
}

/** Of an account that Polo never saw. */
export const UNKNOWN_ACCOUNT: AccountRecord = { departed: false, everActive: false, openScanFailures: [] };

/** What one command writes: event, then node, then row (design 2). */
export interface AccountChange {
  events: AccountEvent[];
  node: WholeNode;
  row: AccountRow;
}

/** Which accounts are meant; what is absent doesn't matter. */
export interface AccountSelection {
  accountIds?: string[];
  statuses?: PoloStatus[];
  /** Path of a unit: its accounts, and those of the units below. */
  orgUnit?: string;
}

/** An account that is to be worked on. */
export interface SelectedAccount {
  accountId: string;
  accountName: string;
}

/** True for the 12 digits of an AWS account id; leading zeros count, so an id is never a number. */
export const isAccountId = (text: string): boolean => /^\d{12}$/.test(text);

/** How an account is named to people: `payments-prod (012345678901)`. */
export const label = (account: { account_id: string; account_name: string }): string =>
  account.account_name === '' ? account.account_id : `${account.account_name} (${account.account_id})`;

/** The same of an account as inputs and results name it. */
export const labelOf = ({ accountId, accountName }: SelectedAccount): string =>
  label({ account_id: accountId, account_name: accountName });

/** What a message says of an account, where the account is named already: many messages begin with its label. */
export const withoutLabel = (message: string, named: string): string =>
  message.startsWith(named) ? message.slice(named.length).replace(/^:? /, '') : message;

/** The version of the next write: it strictly rises, also when clocks of two workers differ (design 3). */
export const nextVersion = (now: number, previous: string | undefined): string =>
  String(Math.max(now, Number(previous ?? 0) + 1));

/**
 * True for rows, or nodes, that are equal but for when and in which version they were written. Only what is stored is
 * compared: what the table has no column for would differ for ever.
 */
export const sameContent = <T extends object>(before: Partial<T> | undefined, after: T): boolean => {
  if (before === undefined) return false;
  const compared = Object.keys(before)
    .filter((name) => name !== 'updated_at' && name !== '_version')
    .sort();
  return JSON.stringify(before, compared) === JSON.stringify(after, compared);
};

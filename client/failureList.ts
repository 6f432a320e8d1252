/** Accounts that failed, as lines for people. */
import type { AccountFailure } from '../domain/contract.ts';
import { labelOf, withoutLabel } from '../domain/account.ts';
import { MAX_LISTED } from '../domain/discovery.ts';
import { isFailureCode, runbookAnchor } from '../domain/failures.ts';

/** A title and its entries after an empty line; nothing where there are no entries. */
export const section = (title: string, entries: string[]): string[] => {
  const more = entries.length >= MAX_LISTED ? ` (the first ${String(MAX_LISTED)})` : '';
  return entries.length === 0 ? [] : ['', `${title}${more}:`, ...entries.map((entry) => `  ${entry}`)];
};

const failureLine = ({ code, message, ...account }: AccountFailure): string => {
  if (account.accountId === '') return `${code}: ${message}`;
  const who = labelOf(account);
  return `${who}: ${code}: ${withoutLabel(message, who)}`;
};

/** Failures, and each runbook once. */
export const failureSections = (failures: AccountFailure[]): string[] => [
  ...section('Failures', failures.map(failureLine)),
  ...section('Runbooks', [
    ...new Set(failures.flatMap(({ code }) => (isFailureCode(code) ? [runbookAnchor(code)] : []))),
  ]),
];

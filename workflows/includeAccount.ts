import { setCurrentDetails } from '@temporalio/workflow';
import type { AccountRow, IncludeAccountInput } from '../domain/contract.ts';
import { outcomeLine } from '../domain/change.ts';
import { originOf, submitToAccount } from './accountCommands.ts';
import { factsOf } from './accountFacts.ts';
import { readSettings } from './activities.ts';
import { fail } from './failures.ts';
import { parseInput } from './parseInput.ts';

/** Ends an operator's exclusion and verifies the account at once. Fails with `InvalidInput` or `AccountNotFound`. */
export async function includeAccount(input: IncludeAccountInput): Promise<AccountRow> {
  const { accountId, by } = parseInput('includeAccount', input);
  const facts = await factsOf(accountId, (await readSettings()).durations.listingPatience);
  if (!facts) throw fail('AccountNotFound', `the organization has no account ${accountId}: it can't be included`);
  const origin = originOf(by);
  const { row, from } = await submitToAccount(accountId, {
    kind: 'include',
    id: `${origin.runId}/include`,
    origin,
    facts,
  });
  setCurrentDetails(outcomeLine(row, from));
  return row;
}

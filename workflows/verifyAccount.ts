import { setCurrentDetails } from '@temporalio/workflow';
import type { AccountRow, VerifyAccountInput } from '../domain/contract.ts';
import { outcomeLine } from '../domain/change.ts';
import { originOf, submitToAccount } from './accountCommands.ts';
import { factsOf } from './accountFacts.ts';
import { readSettings } from './activities.ts';
import { fail } from './failures.ts';
import { parseInput } from './parseInput.ts';

/** Verifies one account now and returns its row. Fails with `InvalidInput`, `AccountNotFound`, or the code of what broke. */
export async function verifyAccount(input: VerifyAccountInput): Promise<AccountRow> {
  const { accountId } = parseInput('verifyAccount', input);
  const facts = await factsOf(accountId, (await readSettings()).durations.listingPatience);
  if (!facts)
    throw fail(
      'AccountNotFound',
      `the organization has no account ${accountId}; if it left, the next discovery says so`,
    );
  const origin = originOf('verifyAccount');
  const { row, from } = await submitToAccount(accountId, {
    kind: 'verify',
    id: `${origin.runId}/verify`,
    origin,
    facts,
  });
  setCurrentDetails(outcomeLine(row, from));
  return row;
}

import { setCurrentDetails } from '@temporalio/workflow';
import type { AccountRow, ExcludeAccountInput } from '../domain/contract.ts';
import { outcomeLine } from '../domain/change.ts';
import { originOf, submitToAccount } from './accountCommands.ts';
import { fail } from './failures.ts';
import { parseInput } from './parseInput.ts';

/** Takes an account out until `until`, or until somebody includes it. Fails with `InvalidInput` or `AccountNotFound`. */
export async function excludeAccount(input: ExcludeAccountInput): Promise<AccountRow> {
  const { accountId, reason, until, by } = parseInput('excludeAccount', input);
  if (until !== undefined && Date.parse(until) < Date.now()) {
    throw fail('InvalidInput', `excludeAccount: until: expected a time that is not past, got ${until}`);
  }
  const origin = originOf(by);
  const id = `${origin.runId}/exclude`;
  const { row, from } = await submitToAccount(accountId, {
    kind: 'exclude',
    id,
    origin,
    reason,
    ...(until !== undefined && { until }),
  });
  setCurrentDetails(outcomeLine(row, from));
  return row;
}

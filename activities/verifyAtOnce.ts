/** Load, first look and write of an account in one activity: of tens of thousands, each one more would tell (BENCHMARKS.md). */
import type { AccountRecord } from '../domain/account.ts';
import type { CommandResult } from '../domain/commands.ts';
import { LIMITS } from '../domain/durations.ts';
import type { Verification } from '../domain/status.ts';
import { plainOutcome, registrationOf, type Verifying } from '../domain/verifying.ts';
import type { RegistryActivities } from './registry.ts';
import type { RoleActivities } from './roles.ts';

/** What an account was found to be, where the rest is left to its workflow; the roles are absent if nobody asked for them. */
export interface Seen {
  record: AccountRecord;
  verification?: Verification;
}

export const createVerifyAtOnce = (
  { loadAccount, writeAccount }: Pick<RegistryActivities, 'loadAccount' | 'writeAccount'>,
  { verifyRoles }: RoleActivities,
) => ({
  /**
   * Verifies an account, and writes and answers what comes of it if that is plain (`plainOutcome`). Else tells what it saw,
   * also if it can't load or write in time: whoever goes on from there needn't ask again. Fails as `loadAccount` and
   * `verifyRoles` do.
   *
   * `now` is the workflow's: a write that comes late, as that of a worker that was frozen, has an older version than what
   * others have written since.
   */
  verifyAtOnce: async (verifying: Verifying): Promise<{ result: CommandResult } | Seen> => {
    const { accountId, command } = verifying;
    const begun = Date.now();
    const inTime = AbortSignal.timeout(LIMITS.atOnceWritten);
    const record = await loadAccount(accountId, registrationOf(verifying));

    const known = plainOutcome(verifying, record);
    // A look that the time limit of the activity cuts off would be had twice.
    if (!known && Date.now() - begun > LIMITS.atOnceLoaded) return { record };
    const { partition } = command.facts;
    const verification = known
      ? undefined
      : await verifyRoles({ accountId, partition, attempts: 1, within: LIMITS.glance });
    const outcome = known ?? plainOutcome(verifying, record, verification);

    const seen = { record, ...(verification && { verification }) };
    if (!outcome) return seen;
    try {
      if (outcome.change) await Promise.race([writeAccount(outcome.change), overOf(inTime)]);
    } catch {
      return seen;
    }
    return { result: outcome.result };
  },
});

/** Rejects when the time is over. */
const overOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const over = (): void => reject(new Error('not written in time'));
    if (signal.aborted) over();
    else signal.addEventListener('abort', over);
  });

export type VerifyAtOnce = ReturnType<typeof createVerifyAtOnce>;

/** Reads the AWS tags of accounts, slowly, after a discovery has verified them (design 2). */
import { setCurrentDetails } from '@temporalio/workflow';
import type { TagsDue } from '../domain/discovery.ts';
import type { Origin } from '../domain/events.ts';
import type { FailureCode } from '../domain/failures.ts';
import { accountSettings } from '../domain/settings.ts';
import { applyAsChild } from './accountCommands.ts';
import { organizationsFor, readSettings } from './activities.ts';
import { failureOf, isOurCancellation } from './failures.ts';
import { checkInput } from './parseInput.ts';

/** Whose tags to read, and for which discovery. */
export interface ReadAccountTagsInput {
  due: TagsDue[];
  origin: Origin;
}

/** Accounts that are named; the discovery names no more than a hundred of all. */
const MAX_NAMED = 10;

/** Accounts that one activity reads: a call each, at the pace of Organizations. */
const PER_CALL = 25;

/** Accounts whose tags could not be written: their workflow failed, and the others were read all the same. */
export interface ReadAccountTagsResult {
  failures: { code: FailureCode; message: string }[];
}

/** Writes only tags that differ from the stored ones; a missing tag keeps what is stored. Fails if AWS doesn't tell the tags. */
export async function readAccountTags(input: ReadAccountTagsInput): Promise<ReadAccountTagsResult> {
  checkInput('readAccountTags', input);
  const { due, origin } = input;
  const settings = await readSettings();
  const { readTags } = organizationsFor(settings.durations.listingPatience);
  const failures: ReadAccountTagsResult['failures'] = [];
  for (let from = 0; from < due.length; from += PER_CALL) {
    setCurrentDetails(`${String(from)} of ${String(due.length)} accounts read`);
    const stored = new Map(due.slice(from, from + PER_CALL).map((account) => [account.accountId, account]));
    const found = await readTags([...stored.keys()]);
    const changed = found.filter(({ accountId, accountRole, owner }) => {
      const before = stored.get(accountId);
      return (accountRole ?? before?.accountRole) !== before?.accountRole || (owner ?? before?.owner) !== before?.owner;
    });
    await Promise.all(
      changed.map(({ accountId, ...tags }) =>
        applyAsChild(
          accountId,
          { kind: 'setTags', id: `${origin.runId}/setTags`, origin, ...tags },
          `AWS tags of ${accountId}`,
          accountSettings(settings),
        ).catch((error: unknown) => {
          if (isOurCancellation(error)) throw error;
          const { code, message } = failureOf(error);
          failures.push({ code, message: `account ${accountId}: ${message}` });
        }),
      ),
    );
  }
  return { failures: failures.slice(0, MAX_NAMED) };
}

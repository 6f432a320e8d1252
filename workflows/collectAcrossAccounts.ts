/** Collection: runs another team's workflow once for each active account, and tells honestly who was covered. */
import { CancellationScope, condition, continueAsNew, sleep } from '@temporalio/workflow';
import { jsonBytes } from '../domain/bytes.ts';
import { collectionResult, skipReason, type CollectionTarget } from '../domain/collection.ts';
import type { CollectAcrossAccountsInput, CollectAcrossAccountsResult } from '../domain/contract.ts';
import { registry } from './activities.ts';
import { collectAccount } from './collectAccount.ts';
import { beginCollection, type CollectionRun, type SoFar } from './collectionRun.ts';
import { parseInput } from './parseInput.ts';
import { watchTaskQueue } from './watchTaskQueue.ts';

/** Accounts that one page of the registry holds. */
const PAGE = 200;

/**
 * Runs `workflowType` on `taskQueue` for every active account that the filters mean, a few at a time, as a child with the id
 * `<this workflow's id>/<account id>`. Accounts that fail or are skipped are told in the result. Fails with `InvalidInput`.
 * Cancelling it asks the children to stop, and waits for them. `soFar` is what earlier runs of it have done.
 */
export async function collectAcrossAccounts(
  input: CollectAcrossAccountsInput,
  soFar?: SoFar,
): Promise<CollectAcrossAccountsResult> {
  const run = await beginCollection(parseInput('collectAcrossAccounts', input), soFar);
  const children: Promise<void>[] = [];
  const watch = new CancellationScope();
  let next: string | undefined;
  try {
    await watchTaskQueue(run, watch);
    next = await startChildren(run, soFar?.after, children);
  } finally {
    watch.cancel();
    // Ours may only end, or go on as new, when no child is running: it would be asked to stop.
    await CancellationScope.nonCancellable(() => Promise.allSettled(children));
  }
  await Promise.all(children);
  if (next !== undefined) return continueAsNew<typeof collectAcrossAccounts>(input, run.soFar(next));
  return collectionResult(run.tally, run.frame, Date.now());
}

/** Bytes that one workflow task may send to Temporal, which takes 4 MB, for starts; and those of a start beside the input. */
const TASK_BYTES = 2_000_000;
const START_BYTES = 4_000;

/** How many children may be started before the workflow has to wait for Temporal, lest the task be refused for ever. */
const startsAtOnce = (input: unknown): number => Math.floor(TASK_BYTES / (START_BYTES + jsonBytes(input)));

/** Handles the accounts after `begin`. Returns where another run has to go on, before the history gets too long. */
const startChildren = async (
  run: CollectionRun,
  begin: string | undefined,
  children: Promise<void>[],
): Promise<string | undefined> => {
  const { include, exclude, maxConcurrent } = run.request;
  const atOnce = startsAtOnce(run.request.input);
  let after = begin;
  let running = 0;
  let started = 0;
  const start = (target: CollectionTarget): void => {
    running++;
    const child = collectAccount(run, target).finally(() => running--);
    child.catch(() => undefined); // it is awaited, but later
    children.push(child);
  };
  for (let more = true; more;) {
    const page: { targets: CollectionTarget[]; next?: string } = await registry.selectTargets({
      limit: PAGE,
      ...(include && { include }),
      ...(exclude && { exclude }),
      ...(after !== undefined && { after }),
    });
    for (const target of page.targets) {
      const inactive = skipReason(target);
      if (inactive === undefined) await condition(() => running < maxConcurrent || run.stopped() !== undefined);
      // At least one account a run: another run, which begins with as much, would get no further.
      if (after !== begin && run.historyIsLong()) return after;
      const reason = inactive ?? run.stopped();
      if (reason === undefined) {
        start(target);
        if (++started % atOnce === 0) await sleep(1);
      } else run.skip(target, reason);
      after = target.accountId;
    }
    more = page.next !== undefined;
  }
  return undefined;
};

/** What ours is compared with: the least that one child workflow per account can cost, and the way that comes to mind first. */
import { executeChild, proxyActivities } from '@temporalio/workflow';
import { limit } from '../workflows/limit.ts';
import type { FanOutActivities } from './fanOutWorker.ts';

/** The shape of our discovery: batches of 100, four at a time, 40 accounts of each. */
const BATCH = 100;
const BATCHES_AT_ONCE = 4;
const LANES = 40;

const { listAccountIds, verify, upsert } = proxyActivities<FanOutActivities>({ startToCloseTimeout: '60 s' });

/** The floor: an empty child per account, in our batches. */
export async function floor(accounts: number): Promise<void> {
  const batch = limit(BATCHES_AT_ONCE);
  const firsts = Array.from({ length: Math.ceil(accounts / BATCH) }, (_, index) => index * BATCH);
  await Promise.all(
    firsts.map((first) => batch(() => executeChild(floorBatch, { args: [first, Math.min(BATCH, accounts - first)] }))),
  );
}

/** A batch of the floor. */
export async function floorBatch(first: number, accounts: number): Promise<void> {
  const lane = limit(LANES);
  await Promise.all(
    Array.from({ length: accounts }, (_, index) =>
      lane(() => executeChild(empty, { workflowId: `floor/${String(first + index)}` })),
    ),
  );
}

/** Does nothing: a collector that has nothing to do, too. */
export async function empty(): Promise<void> {
  await Promise.resolve();
}

/** The naive way: all children at once, each with two normal activities. It breaks above 2,000 accounts. */
export async function naive(): Promise<void> {
  const accountIds = await listAccountIds();
  await Promise.all(accountIds.map((id) => executeChild(naiveAccount, { workflowId: `naive/${id}`, args: [id] })));
}

/** An account of the naive way. */
export async function naiveAccount(accountId: string): Promise<void> {
  const works = await verify(accountId);
  await upsert(accountId, works);
}

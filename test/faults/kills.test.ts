/** Workers that die or stop in the middle of a discovery: another one ends the run, and nothing is lost, doubled or undone. */
import assert from 'node:assert/strict';
import type { AccountRow, DiscoverAccountsResult } from '../../domain/contract.ts';
import { randomFrom } from '../../sandbox/random.ts';
import { startPoloOnServer } from '../support/discovery.ts';
import { inLanes } from '../support/lanes.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { long, SCALE, SEED, TIMEOUT } from '../support/scale.ts';
import { statusBreaks } from '../support/statusChain.ts';
import { untilCalls } from '../support/waiting.ts';

/** Ends one or several workers of a Polo whose first discovery is under way; resolves when a worker is running again. */
type Disaster = (polo: Polo) => Promise<void>;

/** Runs a first discovery through a disaster. Fails unless everything is as if nothing had happened. */
const survives = async (polo: Polo, disaster: Disaster): Promise<void> => {
  const discovery = polo.discover();
  discovery.catch(() => undefined);
  await disaster(polo);
  const halfway = await polo.accounts();
  await assertAllRight(polo, await discovery);
  assert.deepEqual(undone(halfway, await polo.accounts()), []);
};

/** The rows of `before` that are gone or older in `after`, or that differ in a version that is the same. */
const undone = (before: AccountRow[], after: AccountRow[]): string[] => {
  const now = new Map(after.map((row) => [row.account_id, row]));
  return before.flatMap((row) => {
    const next = now.get(row.account_id);
    if (next && Number(next._version) > Number(row._version)) return [];
    return JSON.stringify(next) === JSON.stringify(row)
      ? []
      : [`${JSON.stringify(row)} became ${JSON.stringify(next)}`];
  });
};

const assertAllRight = async (polo: Polo, result: DiscoverAccountsResult): Promise<void> => {
  const organization = await polo.organization();
  const rows = await polo.accounts();
  assert.deepEqual(result.failures, []);
  const { complete, listed, failed, inconclusive } = result;
  const all = organization.length;
  assert.deepEqual(
    // How many are new as well: whoever goes on finds what the dead worker has written already.
    { complete, listed, new: result.new, failed, inconclusive },
    { complete: true, listed: all, new: all, failed: 0, inconclusive: 0 },
  );
  assert.deepEqual(
    Object.fromEntries(
      rows.map(({ account_id, account_name, polo_status }) => [account_id, [account_name, polo_status]]),
    ),
    Object.fromEntries(organization.map(({ id, name, expected }) => [id, [name, expected.polo_status]])),
  );
  const histories = await Promise.all(rows.map(({ account_id }) => polo.history(account_id)));
  const twice = histories.flatMap((history) => {
    const told = history.map(({ account_id, kind, to_status }) => `${account_id} ${kind} ${to_status}`);
    return told.filter((text, index) => told.indexOf(text) !== index);
  });
  assert.deepEqual(twice, []);
  assert.deepEqual(
    rows.flatMap((row, index) => statusBreaks(histories[index] ?? [], row)),
    [],
  );
};

/** Runs a test with a Polo on a ClickHouse over HTTP, which several workers may share. */
const onServer = async (test: (polo: Polo) => Promise<void>): Promise<void> => {
  const polo = await startPoloOnServer({ accounts: SCALE.sharedAccounts, worker: false });
  try {
    await test(polo);
  } finally {
    await polo.stop();
  }
};

describe(`a first discovery, seed ${String(SEED)} (POLO_TEST_SEED)`, function () {
  this.timeout(TIMEOUT);
  const random = randomFrom(SEED);
  /** A number of AssumeRole calls that is reached sometime, as a first discovery makes nearly two for each account. */
  const someCalls = (accounts: number): number => 1 + Math.floor(random() * 1.5 * accounts);

  it('survives its only worker being killed at any moment, once it is restarted', async () => {
    const rounds = Array.from({ length: SCALE.kills }, (_, round) => {
      const calls = someCalls(SCALE.killedAccounts);
      return async () => {
        const polo = await startPolo({ accounts: SCALE.killedAccounts, worker: false });
        try {
          const worker = await polo.startWorker();
          await survives(polo, async () => {
            await untilCalls(polo, 'sts.AssumeRole', calls);
            await worker.signal('SIGKILL');
            await polo.startWorker();
          });
        } catch (error) {
          throw new Error(`round ${String(round)}, killed after ${String(calls)} AssumeRole calls`, { cause: error });
        } finally {
          await polo.stop();
        }
      };
    });
    await inLanes(SCALE.killsAtOnce, rounds);
  });

  if (long) {
    // Temporal learns of the death when the listing's heartbeat is overdue, which takes two minutes.
    it('survives its only worker being killed in the middle of the listing', async () => {
      const polo = await startPolo({ accounts: SCALE.killedAccounts, worker: false });
      try {
        // At the tests' own scale patience with a failing listing would end before the two minutes.
        const slower = { POLO_ORGANIZATIONS_RATE: '10', POLO_TIME_SCALE: '0.2' };
        const worker = await polo.startWorker(slower);
        await survives(polo, async () => {
          await untilCalls(polo, 'organizations.ListAccounts', 2 + Math.floor(8 * random()));
          await worker.signal('SIGKILL');
          await polo.startWorker(slower);
        });
      } finally {
        await polo.stop();
      }
    });
  }

  it('survives one of two workers being killed for good', () =>
    onServer(async (polo) => {
      const [worker] = await Promise.all([polo.startWorker(), polo.startWorker()]);
      await survives(polo, async () => {
        await untilCalls(polo, 'sts.AssumeRole', someCalls(SCALE.sharedAccounts));
        await worker.signal('SIGKILL');
      });
    }));

  it('goes on elsewhere when a worker is told to stop, which ends what it has begun and exits with 0', () =>
    onServer(async (polo) => {
      const worker = await polo.startWorker();
      await polo.faults({ rules: [{ service: 'sts', operation: 'AssumeRole', effect: 'latency', ms: 300 }] });
      await survives(polo, async () => {
        await untilCalls(polo, 'sts.AssumeRole', someCalls(SCALE.sharedAccounts));
        assert.equal(await worker.signal('SIGTERM'), 0);
        assert.match(await worker.log(), /worker stopped/);
        await polo.startWorker();
      });
      const { recent } = await polo.control<{ recent: { roleName: string; outcome: string }[] }>('GET', '/calls');
      assert.deepEqual(
        recent.filter(({ outcome }) => outcome === 'aborted'),
        [],
        'no call was cut off',
      );
    }));
});

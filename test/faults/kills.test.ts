/** Workers that die or stop in the middle of a discovery: another one ends the run, and nothing is lost, doubled or undone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { AccountRow } from '../../domain/contract.ts';
import { randomFrom } from '../../sandbox/random.ts';
import { nodeBreaks, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { inLanes } from '../support/lanes.ts';
import { startPolo, type Polo, type WorkerProcess } from '../support/polo.ts';
import { long, SCALE, SEED, TIMEOUT } from '../support/scale.ts';
import { embeddedRows, storedRows } from '../support/storedRows.ts';
import { assertUnderWay, survives } from '../support/survival.ts';
import { keepVersions, writtenBreaks } from '../support/versions.ts';
import { untilCalls } from '../support/waiting.ts';

/**
 * Temporal learns of a death in the middle of a listing when its heartbeat is overdue, which takes two minutes. At the
 * tests' own scale patience with a failing listing would end before; there all accounts are listed before the first is
 * verified.
 */
const SLOWER = { POLO_TIME_SCALE: '0.2' };
const PACE = long ? SLOWER : {};

/** What operations/worker.md promises: the milliseconds that a worker may take after SIGTERM. */
const DRAINED = 30_000;

/** AssumeRole calls among which a worker's end comes; a first discovery makes nearly two for each account. */
const moments = (accounts: number): number => Math.floor(1.5 * accounts);

/** The calls after these are slow, so that the discovery is still under way whenever the end comes. */
const slowEnd = (accounts: number): object => ({
  service: 'sts',
  operation: 'AssumeRole',
  effect: 'latency',
  ms: 3_000,
  after: moments(accounts),
});

/** SIGKILL in the middle of the discovery of a worker with an embedded registry; tells what is stored then. */
const killEmbedded = async (polo: Polo, worker: WorkerProcess): Promise<AccountRow[]> => {
  await worker.signal('SIGKILL');
  await assertUnderWay(polo);
  return embeddedRows(join(polo.folder, 'data'));
};

/** Runs a test with a Polo on a ClickHouse over HTTP, which several workers may share, and looks at all that they wrote. */
const onServer = async (workers: number, test: (polo: PoloOnServer, worker: WorkerProcess) => Promise<void>) => {
  const polo = await startPoloOnServer({ accounts: SCALE.sharedAccounts, worker: false, env: PACE });
  try {
    const [worker] = await Promise.all(Array.from({ length: workers }, () => polo.startWorker()));
    assert.ok(worker);
    await keepVersions(polo.database);
    await test(polo, worker);
    assert.deepEqual(await nodeBreaks(polo), []);
    assert.deepEqual(await writtenBreaks(polo.database), []);
  } finally {
    await polo.stop();
  }
};

describe(`a first discovery, seed ${String(SEED)} (POLO_TEST_SEED)`, function () {
  this.timeout(TIMEOUT);
  const random = randomFrom(SEED);
  const someCalls = (accounts: number): number => 1 + Math.floor(random() * moments(accounts));

  /** Rounds with an end of the worker each, after so many AssumeRole calls. */
  const inRounds = (accounts: number, round: (calls: number) => Promise<void>): Promise<void> => {
    const rounds = Array.from({ length: SCALE.kills }, (_, index) => {
      const calls = someCalls(accounts);
      return () =>
        round(calls).catch((cause: unknown) => {
          throw new Error(`round ${String(index)}, ended after ${String(calls)} AssumeRole calls`, { cause });
        });
    });
    return inLanes(SCALE.killsAtOnce, rounds);
  };

  it('survives its only worker being killed at any moment, once it is restarted', () =>
    inRounds(SCALE.killedAccounts, async (calls) => {
      const polo = await startPolo({ accounts: SCALE.killedAccounts, worker: false, env: PACE });
      try {
        const worker = await polo.startWorker();
        await polo.faults({ rules: [slowEnd(SCALE.killedAccounts)] });
        await survives(polo, async () => {
          await untilCalls(polo, 'sts.AssumeRole', calls);
          const halfway = await killEmbedded(polo, worker);
          await polo.faults({});
          await polo.startWorker();
          return halfway;
        });
      } finally {
        await polo.stop();
      }
    }));

  // Both take minutes: see SLOWER.
  const phases = long
    ? [
        { phase: 'the listing', operation: 'organizations.ListAccounts', first: 2, last: 9 },
        { phase: 'reading tags', operation: 'organizations.ListTagsForResource', first: 1, last: 250 },
      ]
    : [];
  for (const { phase, operation, first, last } of phases) {
    it(`survives its only worker being killed in the middle of ${phase}`, async () => {
      const env = { ...SLOWER, POLO_ORGANIZATIONS_RATE: '10' };
      const polo = await startPolo({ accounts: SCALE.killedAccounts, worker: false, env });
      try {
        const worker = await polo.startWorker();
        await survives(polo, async () => {
          await untilCalls(polo, operation, first + Math.floor((last - first) * random()));
          const halfway = await killEmbedded(polo, worker);
          await polo.startWorker();
          return halfway;
        });
      } finally {
        await polo.stop();
      }
    });
  }

  it('survives one of two workers being killed for good', () =>
    inRounds(SCALE.sharedAccounts, (calls) =>
      onServer(2, async (polo, worker) => {
        await polo.faults({ rules: [slowEnd(SCALE.sharedAccounts)] });
        await survives(polo, async () => {
          await untilCalls(polo, 'sts.AssumeRole', calls);
          await worker.signal('SIGKILL');
          await assertUnderWay(polo);
          await polo.faults({});
          return storedRows(polo.database);
        });
      }),
    ));

  it('goes on elsewhere when a worker is told to stop, which ends what it has begun and exits with 0', () =>
    onServer(1, async (polo, worker) => {
      const everyCall = { service: 'sts', operation: 'AssumeRole', effect: 'latency', ms: 300 };
      await polo.faults({ rules: [everyCall, slowEnd(SCALE.sharedAccounts)] });
      await survives(polo, async () => {
        await untilCalls(polo, 'sts.AssumeRole', someCalls(SCALE.sharedAccounts));
        const told = performance.now();
        assert.equal(await worker.signal('SIGTERM'), 0);
        assert.ok(performance.now() - told <= DRAINED, `took ${String(performance.now() - told)} ms`);
        await assertUnderWay(polo);
        assert.match(await worker.log(), /worker stopped/);
        const halfway = await storedRows(polo.database);
        await polo.faults({});
        await polo.startWorker();
        return halfway;
      });
      const { total, recent } = await polo.control<{ total: number; recent: { outcome: string }[] }>(
        'GET',
        '/calls?recent=10000',
      );
      assert.equal(recent.length, total, 'all calls are looked at');
      assert.deepEqual(
        recent.filter(({ outcome }) => outcome === 'aborted'),
        [],
        'no call was cut off',
      );
    }));
});

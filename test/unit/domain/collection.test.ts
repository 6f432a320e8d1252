import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  collectedAccount,
  collectionLine,
  collectionResult,
  emptyCollection,
  MAX_FAILED_IDS,
  needsNoRecord,
  saysAccessDenied,
  skipReason,
  type CollectionFrame,
  type CollectionTally,
  type CollectionTarget,
} from '../../../domain/collection.ts';
import { ACCOUNT_ACCESS_DENIED, POLO_STATUSES } from '../../../domain/contract.ts';
import { MAX_LISTED } from '../../../domain/discovery.ts';
import { HOUR } from '../../../domain/times.ts';

const ID = '000000000042';
const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const target = (changes: Partial<CollectionTarget> = {}): CollectionTarget => ({
  accountId: ID,
  accountName: 'payments',
  orgUnit: '/Workloads',
  accountRole: 'production',
  owner: 'ann@example.com',
  readRoleArn: `arn:aws:iam::${ID}:role/production-PoloReadRole`,
  status: 'active',
  why: '',
  lastScan: null,
  ...changes,
});

const frame = (changes: Partial<CollectionFrame> = {}): CollectionFrame => ({
  unmatched: [],
  allMatched: true,
  accountsAsOf: ago(HOUR),
  includeResults: false,
  startedAt: ago(0),
  ...changes,
});

/** What was counted if only so many succeeded, unless told otherwise. */
const tally = (succeeded: number, changes: Partial<CollectionTally> = {}): CollectionTally => ({
  ...emptyCollection(),
  matched: succeeded,
  succeeded,
  ...changes,
});

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('what a collector is told of an account', () => {
  it('is what the registry has, with the external id where one is demanded', () => {
    assert.deepEqual(collectedAccount(target(), 'x-1'), {
      accountId: ID,
      accountName: 'payments',
      orgUnit: '/Workloads',
      accountRole: 'production',
      owner: 'ann@example.com',
      readRoleArn: `arn:aws:iam::${ID}:role/production-PoloReadRole`,
      externalId: 'x-1',
      partition: 'aws',
    });
  });

  it('leaves out what is not known', () => {
    const { accountRole, owner, externalId, partition } = collectedAccount(
      target({ accountRole: '', owner: '', readRoleArn: `arn:aws-us-gov:iam::${ID}:role/r` }),
      undefined,
    );
    assert.deepEqual([accountRole, owner, externalId, partition], [undefined, undefined, undefined, 'aws-us-gov']);
    assert.deepEqual(Object.keys(collectedAccount(target({ accountRole: '', owner: '' }), undefined)).sort(), [
      'accountId',
      'accountName',
      'orgUnit',
      'partition',
      'readRoleArn',
    ]);
  });
});

describe('an account is skipped', () => {
  it('unless it is active, whatever its last error says', () => {
    for (const status of POLO_STATUSES) {
      assert.equal(skipReason(target({ status, why: 'words' })), status === 'active' ? undefined : `${status}: words`);
    }
    assert.equal(skipReason(target({ status: 'pending_setup' })), 'pending_setup');
  });
});

describe('a success needs no record', () => {
  it('only if another one is younger than an hour, and nothing is told of the account', () => {
    assert.equal(needsNoRecord(target({ lastScan: ago(HOUR - 1) }), NOW), true);
    assert.equal(needsNoRecord(target({ lastScan: ago(HOUR) }), NOW), false);
    assert.equal(needsNoRecord(target({ lastScan: null }), NOW), false);
    assert.equal(needsNoRecord(target({ lastScan: ago(0), why: 'scan collectCosts: no table' }), NOW), false);
  });
});

describe('a failure says that the account refused the collector', () => {
  const said = (type: string, message = 'words'): boolean =>
    saysAccessDenied([
      { type: 'Outer', message: '' },
      { type, message },
    ]);

  it("by our own type, by AWS's types, and in botocore's words, at any depth", () => {
    assert.ok(said(ACCOUNT_ACCESS_DENIED));
    for (const type of ['AccessDenied', 'AccessDeniedException', 'AccessDeniedFault']) assert.ok(said(type), type);
    assert.ok(said('ClientError', 'An error occurred (AccessDenied) when calling the AssumeRole operation: x'));
    assert.ok(said('ClientError', 'An error occurred (AccessDeniedException) when calling the GetCost operation'));
  });

  it('and not by other types, or by words that only mention it', () => {
    for (const [type, message] of [
      ['TableMissing', 'no table'],
      ['ClientError', 'An error occurred (Throttling) when calling'],
      ['NotAccessDenied', 'x'],
      ['Warehouse', 'AccessDenied'],
    ] as const) {
      assert.equal(said(type, message), false, type);
    }
    assert.equal(saysAccessDenied([]), false);
  });
});

describe('a collection is complete', () => {
  const complete = (counted: CollectionTally, of: Partial<CollectionFrame> = {}): boolean =>
    collectionResult(counted, frame(of), NOW).complete;

  it('if all that was matched was collected, but for what somebody excluded', () => {
    assert.equal(complete(tally(3)), true);
    assert.equal(complete(tally(3, { matched: 5, skipped: 2 })), true);
  });

  it('and not if anything failed or was missed, or nothing was matched, or something named was not found', () => {
    assert.equal(complete(tally(3, { matched: 4, failed: 1 })), false);
    assert.equal(complete(tally(3, { matched: 5, skipped: 2, missed: 1 })), false);
    assert.equal(complete(tally(0)), false);
    assert.equal(complete(tally(3), { allMatched: false }), false, 'although its name did not fit');
    assert.equal(complete(tally(3), { unmatched: ['/Nowhere'], allMatched: false }), false);
  });

  it('and not from a list of accounts that is older than 26 hours at the start, or of no time at all', () => {
    assert.equal(complete(tally(3), { accountsAsOf: ago(26 * HOUR) }), true);
    assert.equal(complete(tally(3), { accountsAsOf: ago(26 * HOUR + 1) }), false);
    assert.equal(complete(tally(3), { accountsAsOf: null }), false);
    const longRun = { startedAt: ago(20 * HOUR), accountsAsOf: ago(30 * HOUR) };
    assert.equal(complete(tally(3), longRun), true, 'however long it runs');
  });

  it('never with a failure, a miss, an unknown name or an old list', () => {
    const count = fc.nat({ max: 3 });
    fc.assert(
      fc.property(count, count, count, fc.nat({ max: 50 }), fc.boolean(), (succeeded, failed, missed, age, named) => {
        const counted = tally(succeeded, { matched: succeeded + failed + missed, failed, skipped: missed, missed });
        const of = { accountsAsOf: ago(age * HOUR), unmatched: named ? [ID] : [], allMatched: !named };
        assert.equal(complete(counted, of), succeeded > 0 && failed === 0 && missed === 0 && !named && age <= 26);
      }),
    );
  });
});

describe('the result of a collection', () => {
  it('has the counts and lists, and nothing that is only ours', () => {
    const failures = [{ accountId: ID, accountName: 'payments', errorType: 'TableMissing', message: 'no table' }];
    const skippedAccounts = [{ accountId: '1', accountName: 'a', reason: 'excluded' }];
    const counted = tally(1, {
      matched: 3,
      failed: 1,
      skipped: 1,
      failures,
      failedAccountIds: [ID],
      skippedAccounts,
      results: [{ accountId: '2', result: 7 }],
    });
    assert.deepEqual(collectionResult(counted, frame(), NOW), {
      matched: 3,
      succeeded: 1,
      failed: 1,
      skipped: 1,
      complete: false,
      accountsAsOf: ago(HOUR),
      unmatched: [],
      failures,
      failedAccountIds: [ID],
      skippedAccounts,
      startedAt: ago(0),
      finishedAt: ago(0),
    });
  });

  it('has results where they are asked for, and says whether some are missing', () => {
    const results = [{ accountId: ID, result: { a: [1, null, '😀'] } }];
    const of = frame({ includeResults: true });
    const whole = collectionResult(tally(1, { results }), of, NOW);
    assert.deepEqual([whole.results, whole.resultsTruncated], [results, false]);
    assert.equal(collectionResult(tally(1, { results, resultsTruncated: true }), of, NOW).resultsTruncated, true);
    const large = Array.from({ length: 5 }, (_, index) => ({ accountId: String(index), result: 'ü'.repeat(25_000) }));
    const cut = collectionResult(tally(5, { results: large }), of, NOW);
    assert.deepEqual([cut.results, cut.resultsTruncated], [large.slice(0, 4), true]);
  });

  it('has no time of the list if there was no complete discovery', () => {
    assert.equal('accountsAsOf' in collectionResult(tally(1), frame({ accountsAsOf: null }), NOW), false);
  });

  it('keeps within 200 KiB whatever is in it, with all counts and ids that failed', () => {
    const text = (bytes: number): fc.Arbitrary<string> =>
      fc
        .constantFrom('x', '"', '\n', '\u0001', 'ü', '漢', '😀')
        .map((unit) => unit.repeat(bytes / Buffer.byteLength(unit)));
    const size = (most: number): fc.Arbitrary<number> => fc.constantFrom(0, 1, most);
    const list = <T>(most: number, entry: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
      fc.tuple(size(most), entry).map(([length, value]) => Array.from({ length }, () => value));
    const id = fc.constant(ID);
    const arbitrary = fc.record({
      failures: list(
        MAX_LISTED,
        fc.record({ accountId: id, accountName: text(200), errorType: text(200), message: text(500) }),
      ),
      failedAccountIds: list(MAX_FAILED_IDS, id),
      skippedAccounts: list(MAX_LISTED, fc.record({ accountId: id, accountName: text(200), reason: text(300) })),
      results: list(100, fc.record({ accountId: id, result: text(2_000) })),
      unmatched: list(10_000, fc.oneof(id, text(100))),
    });
    fc.assert(
      fc.property(arbitrary, fc.boolean(), ({ unmatched, ...lists }, includeResults) => {
        const counted = tally(1, { ...lists, matched: 9, failed: 8 });
        const result = collectionResult(counted, frame({ unmatched, includeResults }), NOW);
        assert.ok(bytesOf(result) <= 200 * 1024, String(bytesOf(result)));
        assert.deepEqual([result.matched, result.failed], [9, 8]);
        assert.equal(result.failedAccountIds.length, lists.failedAccountIds.length);
        for (const name of ['failures', 'skippedAccounts'] as const) {
          assert.deepEqual(result[name], lists[name].slice(0, result[name].length));
        }
        if (includeResults && lists.results.length > (result.results?.length ?? 0)) assert.ok(result.resultsTruncated);
      }),
    );
  });
});

describe('the counts of a collection', () => {
  it('are told in words', () => {
    assert.equal(
      collectionLine(tally(2, { matched: 4, failed: 1, skipped: 1 })),
      '4 accounts matched so far, 2 succeeded, 1 failed, 1 skipped',
    );
  });
});

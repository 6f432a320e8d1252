import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AccountRecord, OpenScanFailure } from '../../../domain/account.ts';
import type { AccountRow } from '../../../domain/contract.ts';
import {
  openFailuresAfter,
  SCAN_FRESH,
  scanError,
  scanEvents,
  scanTime,
  type ScanOutcome,
} from '../../../domain/scans.ts';

const NOON = Date.parse('2026-11-22T12:00:00.000Z');

/** The time so many milliseconds after noon. */
const at = (ms: number): string => new Date(NOON + ms).toISOString();

/** What is stored of an account that was last scanned then. */
const stored = (lastScan: string | null, openScanFailures: OpenScanFailure[] = []): AccountRecord => ({
  row: { last_successful_scan: lastScan } as AccountRow,
  departed: false,
  everActive: true,
  openScanFailures,
});

const success = (ms: number, workflowType = 'collectCosts'): ScanOutcome => ({ workflowType, at: at(ms) });
const failure = (message: string, workflowType = 'collectCosts'): ScanOutcome => ({
  workflowType,
  at: at(0),
  failure: message,
});

const COSTS: OpenScanFailure = { workflowType: 'collectCosts', message: 'no table' };
const ASSETS: OpenScanFailure = { workflowType: 'collectAssets', message: 'no role' };

const type = fc.constantFrom('collectAssets', 'collectCosts', 'collect_logs', 'Z');
const outcome: fc.Arbitrary<ScanOutcome> = fc.record(
  { workflowType: type, at: fc.integer({ min: -10 * SCAN_FRESH, max: 10 * SCAN_FRESH }).map(at), failure: fc.string() },
  { requiredKeys: ['workflowType', 'at'] },
);

/** What is stored after each run of collectors, the first is before all. */
const replay = (outcomes: ScanOutcome[]): AccountRecord[] => {
  const records = [stored(null)];
  for (const scan of outcomes) {
    const before = records.at(-1) ?? stored(null);
    records.push(stored(scanTime(before, scan), openFailuresAfter(before.openScanFailures, scan)));
  }
  return records;
};

describe('the last scan of an account', () => {
  it('is the first success', () => {
    assert.equal(scanTime(stored(null), success(0)), at(0));
  });

  it('stays where a command is about something else, and where a collector failed', () => {
    assert.equal(scanTime(stored(at(0)), undefined), at(0));
    assert.equal(scanTime(stored(at(0)), failure('no table')), at(0));
    assert.equal(scanTime(stored(null), failure('no table')), null);
    assert.equal(scanTime({ departed: false, everActive: false, openScanFailures: [] }, undefined), null);
  });

  it('stays for an hour, whichever collector succeeds again', () => {
    assert.equal(scanTime(stored(at(0)), success(SCAN_FRESH - 1)), at(0));
    assert.equal(scanTime(stored(at(0)), success(SCAN_FRESH - 1, 'collectAssets')), at(0));
    assert.equal(scanTime(stored(at(0)), success(SCAN_FRESH)), at(SCAN_FRESH));
  });

  it('moves within the hour where a success ends a failure of its own type', () => {
    assert.equal(scanTime(stored(at(0), [COSTS]), success(1)), at(1));
    assert.equal(scanTime(stored(at(0), [ASSETS]), success(1)), at(0));
  });

  it('stays where a success comes late, that of another worker whose clock is behind', () => {
    assert.equal(scanTime(stored(at(0), [COSTS]), success(-60_000)), at(0));
  });

  it('never goes back, and is never older than a success by an hour or more', () => {
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const times = replay(outcomes).map(({ row }) => row?.last_successful_scan ?? '');
        assert.deepEqual(times, times.toSorted());
        for (const [index, scan] of outcomes.entries()) {
          if (scan.failure !== undefined) assert.equal(times[index + 1], times[index]);
          else assert.ok(Date.parse(scan.at) - Date.parse(times[index + 1] ?? '') < SCAN_FRESH);
        }
      }),
    );
  });
});

describe('the open failures of an account', () => {
  it('are one for each type of collector, the latest, in the order of types', () => {
    assert.deepEqual(openFailuresAfter([COSTS], failure('no role', 'collectAssets')), [ASSETS, COSTS]);
    assert.deepEqual(openFailuresAfter([ASSETS, COSTS], failure('timed out')), [
      ASSETS,
      { workflowType: 'collectCosts', message: 'timed out' },
    ]);
  });

  it('end by a success of the same type only', () => {
    assert.deepEqual(openFailuresAfter([ASSETS, COSTS], success(0)), [ASSETS]);
    assert.deepEqual(openFailuresAfter([ASSETS], success(0)), [ASSETS]);
  });

  it('are, after any runs, the types whose last run failed, each with its last message', () => {
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const last = new Map(outcomes.map((scan) => [scan.workflowType, scan.failure]));
        const open = [...last]
          .flatMap(([workflowType, message]) => (message === undefined ? [] : [{ workflowType, message }]))
          .sort((a, b) => (a.workflowType < b.workflowType ? -1 : 1));
        assert.deepEqual(replay(outcomes).at(-1)?.openScanFailures, open);
      }),
    );
  });

  it('are told joined, behind any reason of limited access', () => {
    assert.equal(scanError('', [ASSETS, COSTS]), 'scan collectAssets: no role; scan collectCosts: no table');
    assert.equal(scanError('action role refused: x', [ASSETS, COSTS]), 'action role refused: x');
    assert.equal(scanError('', []), '');
  });
});

describe('events of a run', () => {
  it('tell a failure by its collector, in its words', () => {
    assert.deepEqual(scanEvents(stored(null), failure('no table')), [
      { kind: 'scan_failed', actor: 'collectCosts', reason: 'no table' },
    ]);
  });

  it('tell a failure again in other words only', () => {
    assert.deepEqual(scanEvents(stored(null, [COSTS]), failure('no table')), []);
    assert.deepEqual(scanEvents(stored(null, [COSTS]), failure('timed out')), [
      { kind: 'scan_failed', actor: 'collectCosts', reason: 'timed out' },
    ]);
    assert.equal(scanEvents(stored(null, [COSTS]), failure('no table', 'collectAssets')).length, 1);
  });

  it('tell a success where it ends a failure of its own type, and what that was', () => {
    assert.deepEqual(scanEvents(stored(null, [ASSETS, COSTS]), success(0)), [
      { kind: 'scan_recovered', actor: 'collectCosts', reason: 'was: no table' },
    ]);
    assert.deepEqual(scanEvents(stored(null, [ASSETS]), success(0)), []);
  });

  it('tell, type by type, failures and recoveries so that the last one says what is open', () => {
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const records = replay(outcomes);
        const told = outcomes.flatMap((scan, index) => scanEvents(records[index] ?? stored(null), scan));
        const open = new Map(told.map(({ actor = '', kind, reason = '' }) => [actor, [kind, reason]]));
        for (const { workflowType, message } of records.at(-1)?.openScanFailures ?? []) {
          assert.deepEqual(open.get(workflowType), ['scan_failed', message]);
          open.delete(workflowType);
        }
        for (const [kind] of open.values()) assert.equal(kind, 'scan_recovered');
      }),
    );
  });
});

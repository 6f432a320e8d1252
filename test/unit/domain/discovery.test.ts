import assert from 'node:assert/strict';
import fc from 'fast-check';
import { POLO_STATUSES, type PoloStatus } from '../../../domain/contract.ts';
import {
  addTally,
  BATCH_SIZE,
  COUNTER,
  emptyTally,
  hubIsRefused,
  intoBatches,
  listingShrunk,
  missingAccounts,
  roomIn,
  SAMPLE_SIZE,
  tagsDueToday,
  tallyLine,
  withinRoom,
  type BatchEntry,
  type Tally,
} from '../../../domain/discovery.ts';
import { DAY } from '../../../domain/times.ts';

const accountId = fc.integer({ min: 0, max: 999_999_999_999 }).map((digits) => String(digits).padStart(12, '0'));

const failure = (accountId: string) => ({ accountId, accountName: 'a', code: 'Unexpected', message: 'm' });

const change = (accountId: string) => ({ accountId, accountName: 'a', from: '', to: 'active', reason: '' }) as const;

/** What a batch counts when its accounts end like this. */
const tallyOf = (outcomes: (PoloStatus | 'failed')[]): Tally => {
  const tally = emptyTally();
  for (const outcome of outcomes) {
    tally.listed++;
    if (outcome === 'failed') tally.failed++;
    else tally[COUNTER[outcome]]++;
  }
  return tally;
};

describe('tally of a discovery', () => {
  it('adds every count', () => {
    const part = {
      listed: 1,
      new: 2,
      active: 3,
      pendingSetup: 4,
      noAccess: 5,
      excluded: 6,
      failed: 7,
      inconclusive: 8,
      departed: 9,
      changes: [change('1')],
      failures: [failure('2')],
    };
    const total = emptyTally();
    addTally(total, part);
    assert.deepEqual(total, part);
    addTally(total, part);
    assert.deepEqual(
      [total.listed, total.new, total.active, total.pendingSetup, total.noAccess, total.excluded],
      [2, 4, 6, 8, 10, 12],
    );
    assert.deepEqual([total.failed, total.inconclusive, total.departed], [14, 16, 18]);
  });

  it('lists exactly the accounts that it counts by status or as failed, however batches add up', () => {
    const batch = fc.array(fc.constantFrom(...POLO_STATUSES, 'failed' as const));
    fc.assert(
      fc.property(fc.array(batch), (batches) => {
        const total = emptyTally();
        for (const outcomes of batches) addTally(total, tallyOf(outcomes));
        const { listed, active, pendingSetup, noAccess, excluded, failed } = total;
        assert.equal(listed, batches.flat().length);
        assert.equal(active + pendingSetup + noAccess + excluded + failed, listed);
        assert.equal(pendingSetup, batches.flat().filter((outcome) => outcome === 'pending_setup').length);
        assert.equal(noAccess, batches.flat().filter((outcome) => outcome === 'no_access').length);
      }),
    );
  });

  it('keeps the first hundred changes and failures, and the whole counts', () => {
    const total = emptyTally();
    for (let batch = 0; batch < 3; batch++) {
      const ids = Array.from({ length: 60 }, (_, index) => String(batch * 60 + index));
      addTally(total, { ...emptyTally(), failed: 60, changes: ids.map(change), failures: ids.map(failure) });
    }
    const firstHundred = Array.from({ length: 100 }, (_, index) => String(index));
    assert.deepEqual(
      total.changes.map((entry) => entry.accountId),
      firstHundred,
    );
    assert.deepEqual(
      total.failures.map((entry) => entry.accountId),
      firstHundred,
    );
    assert.equal(total.failed, 180);
  });

  it('hands on no more changes and failures than can still be named, and all counts', () => {
    const lists = fc.nat({ max: 120 });
    fc.assert(
      fc.property(lists, lists, lists, lists, (changesBefore, failuresBefore, changes, failures) => {
        const listing = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
        const total = emptyTally();
        const before = { changes: listing(changesBefore).map(change), failures: listing(failuresBefore).map(failure) };
        addTally(total, { ...emptyTally(), ...before });
        const part = {
          ...emptyTally(),
          failed: failures,
          changes: listing(changes).map(change),
          failures: listing(failures).map(failure),
        };
        const whole = structuredClone(total);
        addTally(whole, part);
        const handedOn = withinRoom(part, roomIn(total));
        assert.ok(total.changes.length + handedOn.changes.length <= 100);
        assert.ok(total.failures.length + handedOn.failures.length <= 100);
        addTally(total, handedOn);
        assert.deepEqual(total, whole);
      }),
    );
  });

  it('is told in words, and what did not happen is left out', () => {
    assert.equal(
      tallyLine(tallyOf(['active', 'active', 'no_access'])),
      '3 accounts handled, 2 active, 0 pending setup, 1 no access, 0 excluded',
    );
  });

  it('is told with everything that did happen', () => {
    const tally = { ...tallyOf(['pending_setup', 'excluded', 'failed']), new: 4, departed: 5, inconclusive: 6 };
    assert.equal(
      tallyLine(tally),
      '3 accounts handled, 0 active, 1 pending setup, 0 no access, 1 excluded, 4 new, 5 departed, 6 inconclusive, 1 failed',
    );
  });
});

describe('batches of a discovery', () => {
  const entry = fc.oneof(
    fc.record({ named: accountId }),
    fc.record({ missing: accountId }),
    fc.record({
      facts: fc.record({
        id: accountId,
        // Up to a third of a batch's bytes, although it counts as few characters.
        name: fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.nat({ max: 13_000 }).map((times) => '界'.repeat(times)),
        ),
        email: fc.constant(''),
        state: fc.constant('ACTIVE'),
        partition: fc.constant('aws'),
        managementAccount: fc.boolean(),
      }),
    }),
  );
  const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

  it('hold every entry once, in order, within number and size', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 350, size: 'max' }), (entries: BatchEntry[]) => {
        const batches = intoBatches(entries);
        assert.deepEqual(batches.flat(), entries);
        for (const batch of batches) {
          assert.ok(batch.length >= 1 && batch.length <= BATCH_SIZE);
          assert.ok(bytes(batch) <= 125_000, 'half of the 256 KiB that a payload may have');
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are filled: a hundred short entries make one, one more makes two', () => {
    const entries = Array.from({ length: 101 }, (_, index) => ({ named: String(index).padStart(12, '0') }));
    assert.deepEqual(
      intoBatches(entries).map((batch) => batch.length),
      [100, 1],
    );
    assert.equal(intoBatches(entries.slice(1)).length, 1);
  });

  it('are none without entries', () => {
    assert.deepEqual(intoBatches([]), []);
  });
});

describe('departures', () => {
  it('are the known accounts that the listing does not name, each once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(accountId), fc.uniqueArray(accountId), fc.nat(), (known, others, kept) => {
        const listed = new Set([...others, ...known.slice(0, kept % (known.length + 1))]);
        const missing = missingAccounts(known, listed);
        assert.deepEqual(
          [...missing, ...known.filter((id) => listed.has(id))].sort(),
          [...known].sort(),
          'missing and listed make up the known ones',
        );
        assert.ok(missing.every((id) => !listed.has(id)));
      }),
    );
  });

  it('are believed up to half of the known accounts', () => {
    assert.equal(listingShrunk(10, 5, undefined), false);
    assert.equal(listingShrunk(11, 5, undefined), false);
    assert.equal(listingShrunk(0, 0, undefined), false);
  });

  it('are not believed over half of the known accounts', () => {
    assert.equal(listingShrunk(10, 6, undefined), true);
    assert.equal(listingShrunk(11, 6, undefined), true);
    assert.equal(listingShrunk(1, 1, undefined), true);
  });

  it('are believed over half if exactly that number was accepted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), fc.nat(), fc.nat(), (known, lost, accepted) => {
        const missing = Math.floor(known / 2) + 1 + (lost % Math.ceil(known / 2));
        assert.equal(listingShrunk(known, missing, missing), false);
        assert.equal(listingShrunk(known, missing, accepted), accepted !== missing);
      }),
    );
  });
});

describe('tags', () => {
  it('of each account are due on exactly one of any seven days in a row', () => {
    fc.assert(
      fc.property(accountId, fc.integer({ min: 0, max: 4_000_000_000_000 }), (id, start) => {
        const days = [0, 1, 2, 3, 4, 5, 6].filter((day) => tagsDueToday(id, start + day * DAY));
        assert.equal(days.length, 1);
      }),
    );
  });

  it('of a seventh of the accounts are due each day, for the whole of it in UTC', () => {
    const ids = Array.from({ length: 700 }, (_, index) => String(index).padStart(12, '0'));
    const dueAt = (time: number): string[] => ids.filter((id) => tagsDueToday(id, time));
    const midnight = Date.parse('2026-11-22T00:00:00.000Z');
    for (let day = midnight; day < midnight + 7 * DAY; day += DAY) {
      assert.equal(dueAt(day).length, 100);
      assert.deepEqual(dueAt(day + DAY - 1), dueAt(day));
      assert.notDeepEqual(dueAt(day + DAY), dueAt(day));
    }
  });
});

describe('sample of formerly active accounts', () => {
  const refused = (count: number): string[] => Array<string>(count).fill('refused');

  it('blames the hub if all of at least five are refused', () => {
    assert.equal(hubIsRefused(refused(5)), true);
    assert.equal(hubIsRefused(refused(SAMPLE_SIZE)), true);
  });

  it('decides nothing with fewer than five', () => {
    assert.equal(hubIsRefused(refused(4)), false);
    assert.equal(hubIsRefused([]), false);
  });

  it('acquits the hub if one of them works or gave no answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 20 }), fc.nat(), fc.constantFrom('works', 'inconclusive'), (n, at, other) =>
        assert.equal(hubIsRefused(refused(n).with(at % n, other)), false),
      ),
    );
  });

  it('has at most twenty accounts', () => {
    assert.equal(SAMPLE_SIZE, 20);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { POLO_STATUSES, type PoloStatus } from '../../../domain/contract.ts';
import {
  coverageHistory,
  historyWindow,
  type CoverageChanges,
  type HistoryWindow,
  type StatusMove,
} from '../../../domain/coverageHistory.ts';
import { DAY, HOUR, MINUTE } from '../../../domain/times.ts';

const NOW = Date.parse('2026-11-22T12:34:56.789Z');

const NONE = { active: 0, pending_setup: 0, no_access: 0, excluded: 0 };

/** What happened to accounts: each a list of times and new statuses, in order. */
type Lives = { at: number; to: PoloStatus }[][];

const lives = (window: HistoryWindow): fc.Arbitrary<Lives> =>
  fc.array(
    fc
      .array(
        fc.record({
          at: fc.integer({ min: window.from, max: window.to }),
          to: fc.constantFrom(...POLO_STATUSES),
        }),
        { minLength: 1, maxLength: 6 },
      )
      .map((life) => life.sort((a, b) => a.at - b.at)),
    { maxLength: 12 },
  );

const countsAt = (all: Lives, time: number): Record<PoloStatus, number> => {
  const counts = { ...NONE };
  for (const life of all) {
    const latest = life.filter(({ at }) => at < time).at(-1);
    if (latest) counts[latest.to] += 1;
  }
  return counts;
};

const movesOf = (all: Lives, { from, step }: HistoryWindow): StatusMove[] =>
  all.flatMap((life) =>
    life.map(({ at, to }, index) => ({
      step: Math.floor((at - from) / step),
      from: life[index - 1]?.to ?? ('' as const),
      to,
      accounts: 1,
    })),
  );

const changes = (over: Partial<CoverageChanges> = {}): CoverageChanges => ({
  window: historyWindow(NOW - 30 * DAY, NOW),
  moves: [],
  discoveries: [],
  ...over,
});

describe('the window of the picture', () => {
  it('covers 30 days in steps of six hours, or less time in smaller ones', () => {
    const stepFor = (age: number): number => historyWindow(NOW - age, NOW).step;
    assert.deepEqual([90 * DAY, 30 * DAY, 6 * DAY, 4 * DAY, 12 * HOUR, 90 * MINUTE, 0].map(stepFor), [
      6 * HOUR,
      6 * HOUR,
      6 * HOUR,
      HOUR,
      10 * MINUTE,
      MINUTE,
      MINUTE,
    ]);
  });

  it('begins with the step of the first event, or of 30 days ago, and never has more than 121 steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * DAY }), (age) => {
        const { from, to, step } = historyWindow(NOW - age, NOW);
        const first = NOW - Math.min(age, 30 * DAY);
        assert.equal(from, first - (first % step));
        assert.equal(to, NOW);
        assert(Math.ceil((to - from) / step) <= 121);
      }),
    );
  });

  it('is none if the first event seems to come yet', () => {
    assert(historyWindow(NOW + HOUR, NOW).from <= NOW);
  });
});

describe('access over time', () => {
  it('tells for the end of each step what a count at that time would have told', () => {
    const window = historyWindow(NOW - 20 * DAY, NOW);
    fc.assert(
      fc.property(lives(window), (all) => {
        const { steps } = coverageHistory(changes({ window, moves: movesOf(all, window) }), countsAt(all, Infinity));
        for (const { to, accounts } of steps) {
          assert.deepEqual(accounts, countsAt(all, to === window.to ? Infinity : to));
        }
      }),
    );
  });

  it('has steps without holes from the beginning to the end', () => {
    const { from, to, steps } = coverageHistory(changes(), NONE);
    assert.equal(steps[0]?.from, from);
    assert.equal(steps.at(-1)?.to, to);
    for (const [index, step] of steps.slice(1).entries()) assert.equal(step.from, steps[index]?.to);
  });

  it('counts who was lost in each step, and no exclusion on purpose', () => {
    const move = (step: number, from: PoloStatus, to: PoloStatus, accounts: number) => ({ step, from, to, accounts });
    const { steps } = coverageHistory(
      changes({
        moves: [
          move(3, 'active', 'no_access', 2),
          move(3, 'pending_setup', 'active', 1),
          move(4, 'active', 'excluded', 5),
          move(5, 'pending_setup', 'no_access', 4),
          move(6, 'no_access', 'active', 2),
        ],
      }),
      { ...NONE, active: 9 },
    );
    assert.deepEqual(
      steps.flatMap(({ lost }, index) => (lost > 0 ? [[index, lost]] : [])),
      [[3, 2]],
    );
  });

  it('never shows fewer accounts than none, also while an event is written and its row is not yet', () => {
    const moves = [{ step: 0, from: '', to: 'active', accounts: 3 } as const];
    for (const { accounts } of coverageHistory(changes({ moves }), { ...NONE, active: 1 }).steps) {
      assert(Object.values(accounts).every((count) => count >= 0));
    }
  });

  it('knows when the account list was over 26 hours old', () => {
    const from = NOW - 10 * DAY;
    const window = { from, to: NOW, step: HOUR };
    const at = (hours: number): number => from + hours * HOUR;
    const spans = (...discoveries: number[]) =>
      coverageHistory(changes({ window, discoveries }), NONE).listUnknown.map((span) => [
        (span.from - from) / HOUR,
        (span.to - from) / HOUR,
      ]);
    assert.deepEqual(spans(), [[0, 240]]);
    assert.deepEqual(spans(at(-30), at(-20), at(6), at(32)), [[58, 240]]);
    assert.deepEqual(spans(at(1), at(25), at(60), ...[84, 108, 132, 156, 180, 204, 228].map(at)), [
      [0, 1],
      [51, 60],
    ]);
    // A second one soon after the first ends nothing early.
    assert.deepEqual(spans(at(220), at(221)), [[0, 220]]);
  });
});

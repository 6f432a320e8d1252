import assert from 'node:assert/strict';
import { age, DAY, HOUR, MINUTE, spell } from '../../../domain/times.ts';

describe('age', () => {
  for (const [ms, text] of [
    [-MINUTE, '0 min'],
    [0, '0 min'],
    [4 * MINUTE + 59_999, '4 min'],
    [HOUR - 1, '59 min'],
    [HOUR, '1 h'],
    [25 * HOUR + 59 * MINUTE, '25 h'],
    [2 * DAY - 1, '47 h'],
    [2 * DAY, '2 days'],
    [6 * DAY + 23 * HOUR, '6 days'],
  ] as const) {
    it(`of ${String(ms)} ms is ${text}`, () => {
      assert.equal(age(ms), text);
    });
  }
});

describe('a duration', () => {
  for (const [milliseconds, text] of [
    [0, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [180_000, '3 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
    [7_200_000, '2 h'],
    [90_000_000, '25 h'],
  ] as const) {
    it(`of ${String(milliseconds)} ms is spelt ${text}`, () => {
      assert.equal(spell(milliseconds), text);
    });
  }
});

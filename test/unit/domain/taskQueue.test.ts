import assert from 'node:assert/strict';
import { LIMITS } from '../../../domain/durations.ts';
import { isPolled, lastPollWords, sinceLastPoll } from '../../../domain/taskQueue.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const poller = (ago: number) => ({ lastAccessTime: { seconds: String((NOW - ago) / 1_000) } });

describe('a task queue', () => {
  it('was polled last by the latest of its pollers, and never in the future', () => {
    assert.equal(sinceLastPoll([poller(90_000), poller(20_000)], NOW), 20_000);
    assert.equal(sinceLastPoll([poller(-5_000)], NOW), 0);
    assert.equal(sinceLastPoll([], NOW), undefined);
  });

  it('is polled unless the last poll began longer ago than a poll lasts', () => {
    assert.deepEqual([0, LIMITS.poll - 1, LIMITS.poll, undefined].map(isPolled), [true, true, false, false]);
  });

  it('is told with the age of the last poll, if there was one', () => {
    assert.equal(lastPollWords(80_400), ' (the last one polled it 80 s ago)');
    assert.equal(lastPollWords(undefined), '');
  });
});

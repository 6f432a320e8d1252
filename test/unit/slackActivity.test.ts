import assert from 'node:assert/strict';
import { waitOf } from '../../activities/slack.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');

describe('the wait that Slack asks for', () => {
  it('is in seconds, or until an HTTP date', () => {
    assert.equal(waitOf('30', NOW), 30_000);
    assert.equal(waitOf('Sun, 22 Nov 2026 12:01:30 GMT', NOW), 90_000);
  });

  it('is never negative, and an hour at most', () => {
    assert.equal(waitOf('Sun, 22 Nov 2026 11:00:00 GMT', NOW), 0);
    assert.equal(waitOf('999999999999', NOW), 3_600_000);
  });

  it('is ours to choose where Slack says nothing that can be read', () => {
    for (const text of [null, '', 'soon', '-5']) assert.equal(waitOf(text, NOW), undefined);
  });
});

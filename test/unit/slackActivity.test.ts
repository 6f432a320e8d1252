import assert from 'node:assert/strict';
import { connectionFailure, waitOf } from '../../activities/slack.ts';

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

describe('a connection to Slack that fails', () => {
  const failed = (code?: string) =>
    connectionFailure(
      new TypeError('fetch failed', { cause: Object.assign(new Error('to hooks.slack.com'), code && { code }) }),
    );

  it('is tried again if nothing can have been sent', () => {
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']) {
      const { message, nonRetryable } = failed(code);
      assert.deepEqual([message, nonRetryable], [`Slack can't be reached: ${code}`, false]);
    }
  });

  it('is not tried again if it is not trusted, or the message may have arrived', () => {
    for (const code of ['CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
      const { message, nonRetryable } = failed(code);
      assert.deepEqual([message, nonRetryable], [`Slack can't be reached: ${code}`, true]);
    }
    for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', undefined]) {
      const { message, nonRetryable } = failed(code);
      const words = `The connection to Slack broke: ${code ?? 'no connection'}; the message may have arrived`;
      assert.deepEqual([message, nonRetryable], [words, true]);
    }
  });
});

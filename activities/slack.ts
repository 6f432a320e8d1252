/**
 * Slack, by incoming webhook. The webhook's URL is a secret: of what goes wrong only an HTTP status, a word of Slack's and
 * the code of a system error are passed on, for an answer may repeat the path and an error the host.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { SlackMessage } from '../domain/contract.ts';
import type { FailureCode } from '../domain/failures.ts';
import { ANSWER_TIMEOUT, isTimeout, networkCode } from './webhooks.ts';

/** The longest that Slack may have us wait, in milliseconds: then the next hour's report comes anyway. */
const LONGEST_WAIT = 3_600_000;

/** Codes of connections that never came about: what was to be sent over them has surely not arrived. */
const NOT_SENT: readonly string[] = [
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Codes of a handshake that failed: nothing was sent, and the next try would fail as well. */
const NOT_TRUSTED = /CERT|^ERR_(SSL|TLS)_|^UNABLE_TO_VERIFY/;

/** Answers that mean: not taken, try again. Any other 5xx, such as a gateway's 502 or 504, leaves open whether it was. */
const TRY_AGAIN: readonly number[] = [429, 500, 503];

/** Slack's answers are one word, such as `ok`, `no_service` or `invalid_blocks`. */
const SLACK_WORD = /^[a-z_]{1,60}$/;

/** Posts to the webhook, if there is one. */
export const createSlackActivities = (webhookUrl: string | undefined) => ({
  /**
   * Posts one message. Fails with `SlackUnavailable`, to be tried again only if the message surely has not arrived, or for
   * good with `SlackRejected`.
   */
  postToSlack: async (message: SlackMessage): Promise<void> => {
    if (webhookUrl === undefined)
      throw rejected('SLACK_WEBHOOK_URL is not set on this worker, but on the one that asks');
    const { status, body, retryAfter } = await post(webhookUrl, message);
    if (status === 200 && body === 'ok') return;
    const word = SLACK_WORD.test(body) ? body : "and a text that isn't Slack's";
    const said = `Slack did not take the message: expected HTTP 200 ok, got ${String(status)} ${word}`;
    if (status !== 429 && status < 500) throw rejected(said);
    if (!TRY_AGAIN.includes(status)) throw unsure(said);
    const wait = status === 429 ? waitOf(retryAfter, Date.now()) : undefined;
    throw unavailable(said, wait);
  },
});

export type SlackActivities = ReturnType<typeof createSlackActivities>;

const rejected = (message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, 'SlackRejected' satisfies FailureCode);

/** To be tried again, after `wait` milliseconds where Slack says so. */
const unavailable = (message: string, wait?: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'SlackUnavailable' satisfies FailureCode,
    message,
    ...(wait !== undefined && { nextRetryDelay: wait }),
  });

/** Not to be tried again in this run: a message twice is worse than one an hour late. */
const unsure = (said: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${said}; the message may have arrived`, 'SlackUnavailable' satisfies FailureCode);

const post = async (
  url: string,
  message: SlackMessage,
): Promise<{ status: number; body: string; retryAfter: string | null }> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT),
    });
    const body = (await response.text()).trim();
    return { status: response.status, body, retryAfter: response.headers.get('retry-after') };
  } catch (error) {
    throw connectionFailure(error);
  }
};

/** What becomes of a `fetch` that failed. */
export const connectionFailure = (error: unknown): ApplicationFailure => {
  if (isTimeout(error)) return unsure(`Slack did not answer within ${String(ANSWER_TIMEOUT / 1_000)} s`);
  const code = networkCode(error);
  const said = `Slack can't be reached: ${code}`;
  if (NOT_SENT.includes(code)) return unavailable(said);
  if (NOT_TRUSTED.test(code)) return ApplicationFailure.nonRetryable(said, 'SlackUnavailable' satisfies FailureCode);
  return unsure(`The connection to Slack broke: ${code}`);
};

/** Milliseconds to wait by a Retry-After of seconds or an HTTP date; undefined if it is neither. */
export const waitOf = (retryAfter: string | null, now: number): number | undefined => {
  const text = retryAfter ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : text.endsWith(' GMT') ? Date.parse(text) - now : NaN;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT);
};

/** The dead man's switch: somebody else's service that raises an alarm when Polo no longer calls it. Its URL is a secret. */
import { ApplicationFailure } from '@temporalio/common';
import type { FailureCode } from '../domain/failures.ts';
import { ANSWER_TIMEOUT, isTimeout, networkCode } from './webhooks.ts';

/** Calls the URL, if there is one. */
export const createHeartbeatActivities = (url: string | undefined) => ({
  /** Says that all is well. Fails with `HeartbeatFailed` unless the answer is 2xx. */
  sendHeartbeat: async (): Promise<void> => {
    if (url === undefined) throw failed('POLO_HEARTBEAT_URL is not set on this worker, but on the one that asks');
    let status: number;
    try {
      const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
      await response.body?.cancel();
      status = response.status;
    } catch (error) {
      throw failed(isTimeout(error) ? `no answer within ${String(ANSWER_TIMEOUT / 1_000)} s` : networkCode(error));
    }
    if (status < 200 || status > 299) throw failed(`HTTP ${String(status)}`);
  },
});

export type HeartbeatActivities = ReturnType<typeof createHeartbeatActivities>;

const failed = (why: string): ApplicationFailure =>
  ApplicationFailure.retryable(
    `the heartbeat was not accepted: expected an answer 2xx, got ${why}`,
    'HeartbeatFailed' satisfies FailureCode,
  );

/** Whether a worker polls a task queue, by what Temporal tells of its pollers. */
import { LIMITS } from './durations.ts';

/** Milliseconds at `now` since a worker last polled; undefined if Temporal, which remembers that for minutes, knows of none. */
export const sinceLastPoll = (
  pollers: { lastAccessTime?: { seconds?: unknown } | null }[],
  now: number,
): number | undefined => {
  const polls = pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000);
  return polls.length === 0 ? undefined : Math.max(0, now - Math.max(...polls));
};

/** True if there is a worker behind the last poll. */
export const isPolled = (polledAgo: number | undefined): boolean => polledAgo !== undefined && polledAgo < LIMITS.poll;

/** What is known of workers that may be gone, for a sentence that says so. */
export const lastPollWords = (polledAgo: number | undefined): string =>
  polledAgo === undefined ? '' : ` (the last one polled it ${String(Math.round(polledAgo / 1_000))} s ago)`;

/** What to do where none polls our task queue. */
export const START_A_WORKER =
  'start one with npm run worker, or set POLO_TASK_QUEUE and TEMPORAL_NAMESPACE to where it polls';

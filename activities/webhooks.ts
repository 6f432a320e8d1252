/** What calls of URLs that are secrets have in common: how long they take at most, and what may be told of their errors. */

/** After that nobody waits for an answer any more, in milliseconds. */
export const ANSWER_TIMEOUT = 10_000;

/** True if a `fetch` failed because its time was over. */
export const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

/** The code of the system error behind a failed `fetch`, such as ECONNREFUSED: its message would name the host. */
export const networkCode = (error: unknown): string => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return 'no connection';
};

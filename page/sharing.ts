/** Keeps a crowd before the page from becoming a crowd before the registry, which the worker's own work needs. */
import PQueue from 'p-queue';

/** Answers that are worked on at a time; each asks the registry a few questions. */
const AT_ONCE = 2;

/** How long a reading serves others, in milliseconds. */
const FRESH = 1_000;

/** Makes a function that works on an answer, unless the same one is under way already: then that one serves both. */
export const sharedAnswers = <Answer>(): ((name: string, work: () => Promise<Answer>) => Promise<Answer>) => {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const underWay = new Map<string, Promise<Answer>>();
  return (name, work) => {
    const shared = underWay.get(name) ?? queue.add(work).finally(() => underWay.delete(name));
    underWay.set(name, shared);
    return shared;
  };
};

/** Makes a reading that different answers have in common serve all that ask within a second, unless it fails. */
export const freshForAll = <Answer>(read: () => Promise<Answer>): (() => Promise<Answer>) => {
  let latest: Promise<Answer> | undefined;
  let begun = -Infinity;
  return () => {
    if (latest !== undefined && performance.now() - begun < FRESH) return latest;
    begun = performance.now();
    const reading = read();
    latest = reading;
    reading.catch(() => {
      if (latest === reading) latest = undefined;
    });
    return reading;
  };
};

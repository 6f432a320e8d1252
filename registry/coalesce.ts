/** Many small calls become few large ones: while one runs, later ones wait and leave together. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How much goes out at once; `size` is an item's weight in the unit of `total`. */
export interface BatchLimits<Item> {
  items: number;
  total: number;
  size: (item: Item) => number;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (reason: unknown) => void;
}

/**
 * Returns a function for one item that runs `run` on batches, one batch at a time and in order of arrival, the next one
 * `pause` milliseconds after the one before at the earliest. A lone item leaves at once; an item never joins a batch that
 * already runs, so a read sees every write before it. `run` gives back how to find an item's result. A batch that fails
 * fails its own callers only.
 */
export const coalesce = <Item, Result>(
  run: (items: Item[]) => Promise<(item: Item) => Result>,
  limits: BatchLimits<Item>,
  pause = 0,
): ((item: Item) => Promise<Result>) => {
  const waiting: Waiting<Item, Result>[] = [];
  let running = false;

  const takeBatch = (): Waiting<Item, Result>[] => {
    let total = 0;
    let end = 0;
    for (const { item } of waiting) {
      total += limits.size(item);
      if (end > 0 && (end === limits.items || total > limits.total)) break;
      end += 1;
    }
    return waiting.splice(0, end);
  };

  const runAll = async (): Promise<void> => {
    for (let batch = takeBatch(); batch.length > 0; batch = takeBatch()) {
      try {
        const resultOf = await run(batch.map(({ item }) => item));
        for (const { item, resolve } of batch) resolve(resultOf(item));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      if (pause > 0) await sleep(pause);
    }
    running = false;
  };

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (running) return;
      running = true;
      // After the caller's own loop: items of one turn leave together.
      queueMicrotask(() => void runAll());
    });
};

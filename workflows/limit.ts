/**
 * Lets at most `lanes` of the given tasks run at a time, in the order they come; the others wait.
 * A window is a must in a workflow: the 2,001st pending child fails its workflow task for ever.
 */
export const limit = (lanes: number): (<T>(task: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = [];
  let free = lanes;
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
};

/** Runs the tasks, at most so many at a time. */
export const inLanes = async (lanes: number, tasks: (() => Promise<void>)[]): Promise<void> => {
  const left = [...tasks];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let task = left.shift(); task; task = left.shift()) await task();
    }),
  );
};

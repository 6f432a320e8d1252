/** Runs the tasks, at most so many at a time. After one that fails no other begins; it is thrown when all that run have ended. */
export const inLanes = async (lanes: number, tasks: (() => Promise<void>)[]): Promise<void> => {
  const left = [...tasks];
  const failed: Error[] = [];
  const lane = async (): Promise<void> => {
    for (let task = left.shift(); task && failed.length === 0; task = left.shift()) {
      await task().catch((error: unknown) => failed.push(error as Error));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failed[0]) throw failed[0];
};

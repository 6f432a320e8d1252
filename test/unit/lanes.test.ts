import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inLanes } from '../support/lanes.ts';

describe('inLanes', () => {
  it('runs all tasks, no more at a time than there are lanes', async () => {
    const [done, atOnce] = [[] as number[], new Set<number>()];
    const tasks = [0, 1, 2, 3, 4].map((index) => async () => {
      atOnce.add(index);
      assert.ok(atOnce.size <= 2);
      await sleep(1);
      atOnce.delete(index);
      done.push(index);
    });
    await inLanes(2, tasks);
    assert.deepEqual(done.sort(), [0, 1, 2, 3, 4]);
  });

  it('begins no other task after one that fails, and throws the first failure when all that run have ended', async () => {
    const ended: string[] = [];
    const task = (name: string, ms: number, fails: boolean) => async () => {
      await sleep(ms);
      ended.push(name);
      if (fails) throw new Error(name);
    };
    const tasks = [task('slow', 40, true), task('quick', 1, true), task('never', 1, false)];
    await assert.rejects(inLanes(2, tasks), /^Error: quick$/);
    assert.deepEqual(ended, ['quick', 'slow']);
  });
});

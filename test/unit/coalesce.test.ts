import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { coalesce } from '../../registry/coalesce.ts';

const limits = { items: 100, total: 1_000, size: (item: string) => item.length };

/** Records batches; each one waits until it is let go. */
const recorder = () => {
  const batches: string[][] = [];
  const pending: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const run = async (items: string[]): Promise<(item: string) => string> => {
    batches.push(items);
    await new Promise<void>((resolve, reject) => pending.push({ resolve, reject }));
    return (item) => item.toUpperCase();
  };
  const turn = () => new Promise(setImmediate);
  return { batches, pending, run, turn };
};

describe('coalesce', () => {
  it('sends a lone item at once', async () => {
    const { batches, pending, run, turn } = recorder();
    const answer = coalesce(run, limits)('a');
    await turn();
    assert.deepEqual(batches, [['a']]);
    pending[0]?.resolve();
    assert.equal(await answer, 'A');
  });

  it('sends what arrives while a batch runs together as the next one', async () => {
    const { batches, pending, run, turn } = recorder();
    const send = coalesce(run, limits);
    const answers = [send('a')];
    await turn();
    answers.push(send('b'), send('c'));
    await turn();
    answers.push(send('d'));
    assert.deepEqual(batches, [['a']]);
    pending[0]?.resolve();
    await turn();
    assert.deepEqual(batches, [['a'], ['b', 'c', 'd']]);
    pending[1]?.resolve();
    assert.deepEqual(await Promise.all(answers), ['A', 'B', 'C', 'D']);
  });

  it('fails only the callers of a failed batch and goes on with the next', async () => {
    const { pending, run, turn } = recorder();
    const send = coalesce(run, limits);
    const failing = assert.rejects(send('a'), /disk full/);
    await turn();
    const next = send('b');
    pending[0]?.reject(new Error('disk full'));
    await failing;
    await turn();
    pending[1]?.resolve();
    assert.equal(await next, 'B');
  });

  it('starts again after it was idle', async () => {
    const { batches, pending, run, turn } = recorder();
    const send = coalesce(run, limits);
    for (const item of ['a', 'b']) {
      const answer = send(item);
      await turn();
      pending.pop()?.resolve();
      assert.equal(await answer, item.toUpperCase());
    }
    assert.deepEqual(batches, [['a'], ['b']]);
  });

  it('lets a pause pass before the next batch, for others to join, and none before a lone item after it', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { batches, pending, run, turn } = recorder();
      const send = coalesce(run, limits, 1_000);
      const answers = [send('a')];
      await turn();
      answers.push(send('b'));
      pending[0]?.resolve();
      await turn();
      mock.timers.tick(999);
      await turn();
      answers.push(send('c'));
      assert.deepEqual(batches, [['a']]);
      mock.timers.tick(1);
      await turn();
      assert.deepEqual(batches, [['a'], ['b', 'c']]);
      pending[1]?.resolve();
      await Promise.all(answers);
      mock.timers.tick(1_000);
      await turn();
      void send('d');
      await turn();
      assert.deepEqual(batches, [['a'], ['b', 'c'], ['d']]);
    } finally {
      mock.timers.reset();
    }
  });

  it('keeps batches within both limits, and sends an item that alone is too large', async () => {
    const batches: string[][] = [];
    const run = (items: string[]) => {
      batches.push(items);
      return Promise.resolve(() => undefined);
    };
    const send = coalesce<string, undefined>(run, { ...limits, items: 3, total: 10 });
    await Promise.all(['a', 'b', 'c', 'd', 'x'.repeat(9), 'y', 'z'.repeat(50), 'e'].map(send));
    assert.deepEqual(batches, [['a', 'b', 'c'], ['d', 'x'.repeat(9)], ['y'], ['z'.repeat(50)], ['e']]);
  });
});

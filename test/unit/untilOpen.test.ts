import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilOpen } from '../../worker/connect.ts';

describe('waiting for a server that starts', function () {
  this.slow(5_000);

  it('tries on after a first try that took longer than all patience', async () => {
    let tries = 0;
    const open = async (): Promise<string> => {
      tries += 1;
      if (tries > 1) return 'open';
      await sleep(1_200);
      throw new Error('deadline exceeded');
    };
    assert.equal(await untilOpen('a test', 1_100, open), 'open');
  });

  it('throws the last error when patience is over', async () => {
    let tries = 0;
    const open = (): Promise<never> => Promise.reject(new Error(`try ${String((tries += 1))}`));
    await assert.rejects(untilOpen('a test', 1_500, open), { message: 'try 2' });
  });

  it('throws at once what no waiting mends', async () => {
    const open = (): Promise<never> => Promise.reject(new Error('no such namespace'));
    await assert.rejects(
      untilOpen('a test', 60_000, open, () => true),
      { message: 'no such namespace' },
    );
  });
});

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshForAll, sharedAnswers } from '../../page/sharing.ts';

describe('answers of the page', () => {
  it('are worked on once for all who ask for the same meanwhile, at most two at a time', async () => {
    const share = sharedAnswers<string>();
    const begun: string[] = [];
    let atOnce = 0;
    let most = 0;
    const ask = (name: string): Promise<string> =>
      share(name, async () => {
        begun.push(name);
        most = Math.max(most, (atOnce += 1));
        await sleep(5);
        atOnce -= 1;
        return name.toUpperCase();
      });
    const names = ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'd'];
    assert.deepEqual(
      await Promise.all(names.map(ask)),
      names.map((name) => name.toUpperCase()),
    );
    assert.deepEqual([begun, most], [['a', 'b', 'c', 'd'], 2]);
    await ask('a');
    assert.equal(begun.length, 5);
  });

  it('are worked on anew after one that failed', async () => {
    const share = sharedAnswers<string>();
    await assert.rejects(
      share('a', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await share('a', () => Promise.resolve('yes')), 'yes');
  });
});

describe('a reading that answers have in common', () => {
  it('serves everybody for a second, then there is a new one', async () => {
    let readings = 0;
    const read = freshForAll(() => Promise.resolve((readings += 1)));
    assert.deepEqual(await Promise.all([read(), read()]), [1, 1]);
    assert.equal(await read(), 1);
    await sleep(1_010);
    assert.equal(await read(), 2);
  });

  it('is tried again at once where it failed', async () => {
    let readings = 0;
    const read = freshForAll(() =>
      (readings += 1) === 1 ? Promise.reject(new Error('no')) : Promise.resolve(readings),
    );
    await assert.rejects(read(), /no/);
    assert.equal(await read(), 2);
  });
});

import assert from 'node:assert/strict';
import { rowOf } from '../support/clickhousePlaces.ts';
import { undone, versionBreaks } from '../support/versions.ts';

describe('the checks of versions', () => {
  const at = (version: string, changes = {}) => rowOf('1', { _version: version, ...changes });

  it('find a row that is gone, older, or another one in the same version', () => {
    assert.deepEqual(undone([at('2')], [at('2')]), []);
    assert.deepEqual(undone([at('2')], [at('3', { owner: 'team-b' })]), []);
    for (const after of [[], [at('1')], [at('2', { owner: 'team-b' })]]) {
      assert.equal(undone([at('2')], after).length, 1);
    }
  });

  const line = (_version: number, name = 'a'): string => JSON.stringify({ id: '1', name, _version });
  const breaks = (written: string[], shown: string[]): string[] => versionBreaks('id', written, shown);

  it('let a write pass that is repeated, and one that comes too late', () => {
    assert.deepEqual(breaks([line(1), line(2, 'b'), line(2, 'b'), line(1)], [line(2, 'b')]), []);
  });

  it('find a version that was written with two contents', () => {
    assert.deepEqual(breaks([line(1), line(1, 'b'), line(2)], [line(2)]), [
      `1 in version 1: ${line(1)} and ${line(1, 'b')}`,
    ]);
  });

  it('find a row that went back, and one that is gone', () => {
    assert.deepEqual(breaks([line(1), line(2, 'b')], [line(1)]), [`1: ${line(1)} is shown, not ${line(2, 'b')}`]);
    assert.deepEqual(breaks([line(1)], []), [`1: nothing is shown, not ${line(1)}`]);
  });
});

import assert from 'node:assert/strict';
import { startPolo, type Polo } from './support/polo.ts';

describe('a first discovery of a fresh organization', function () {
  this.timeout(60_000);
  let polo: Polo;
  before(async () => {
    polo = await startPolo();
  });
  after(() => polo.stop());

  it('writes every account in the state that the organization says it should get', async () => {
    const result = await polo.discover();
    const expected = await polo.organization();
    const rows = new Map((await polo.accounts()).map((row) => [row.account_id, row]));
    assert.deepEqual(
      Object.fromEntries(expected.map(({ id }) => [id, rows.get(id)?.polo_status])),
      Object.fromEntries(expected.map(({ id, expected: { polo_status } }) => [id, polo_status])),
    );
    assert.equal(result.complete, true);
    assert.equal(result.listed, expected.length);
    assert.equal(result.new, expected.length);
    assert.equal(
      result.active + result.pendingSetup + result.noAccess + result.excluded + result.failed,
      result.listed,
    );
    assert.deepEqual(
      expected
        .map(({ id, name }) => [id, rows.get(id)?.account_name, name])
        .filter(([, stored, name]) => stored !== name),
      [],
    );
  });

  it('changes neither a version nor the history when it runs again', async () => {
    const rows = await polo.accounts();
    const events = await Promise.all(rows.map((row) => polo.history(row.account_id)));
    const result = await polo.discover();
    assert.equal(result.new, 0);
    assert.deepEqual(result.changes, []);
    assert.deepEqual(await polo.accounts(), rows);
    assert.deepEqual(await Promise.all(rows.map((row) => polo.history(row.account_id))), events);
  });

  it('tells of each complete run in the history of the organization', async () => {
    const kinds = (await polo.history()).map((event) => event.kind);
    assert.deepEqual([...new Set(kinds)], ['discovery_completed']);
  });
});

import assert from 'node:assert/strict';
import type { Coverage } from '../domain/contract.ts';
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
    assert.deepEqual(kinds.sort(), [
      ...['discovery_completed', 'discovery_completed'],
      ...['management_account', 'management_account'],
    ]);
  });

  it('sends nobody to onboard the management account, which would be refused', async () => {
    const management = (await polo.organization()).find(({ name }) => name === 'Example Organization')?.id ?? '';
    const { stdout } = await polo.cli('coverage', '--json');
    const { gaps, sentence } = JSON.parse(stdout) as Coverage;
    assert.deepEqual(
      gaps.filter(({ isManagementAccount }) => isManagementAccount).map(({ account_id }) => account_id),
      [management],
    );
    assert.doesNotMatch(sentence, new RegExp(`onboard ${management}`));
    const instructions = await polo.cli('onboard', management, '--instructions');
    assert.match(instructions.stdout, /create-stack --stack-name/);
    assert.doesNotMatch(instructions.stdout, /polo-accounts onboard|create-stack-instances/);
  });
});

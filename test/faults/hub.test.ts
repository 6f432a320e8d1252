/** What is Polo's own fault must not be blamed on accounts. */
import assert from 'node:assert/strict';
import type { AccountEvent, AccountRow } from '../../domain/contract.ts';
import { callCounts, contentOf, forgetCalls } from '../support/discovery.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { SECRETS } from '../support/secrets.ts';

describe("discovery with Polo's own access broken", function () {
  this.timeout(180_000);
  let polo: Polo;
  let rows: AccountRow[];
  let active: string[];
  let history: AccountEvent[][];
  const sampleHistory = (): Promise<AccountEvent[][]> => Promise.all(active.slice(0, 3).map((id) => polo.history(id)));
  const isUntouched = async (): Promise<void> => {
    assert.deepEqual(await polo.accounts(), rows);
    assert.deepEqual(await sampleHistory(), history);
  };

  before(async () => {
    polo = await startPolo({ env: { POLO_ACCOUNT_TAGS: 'off' } });
    await polo.discover();
    rows = await polo.accounts();
    active = rows.filter(({ polo_status: status }) => status === 'active').map(({ account_id: id }) => id);
    history = await sampleHistory();
  });
  after(() => polo.stop());

  for (const hubCredentials of ['invalid', 'expired']) {
    it(`fails within the first call when the credentials are ${hubCredentials}`, async () => {
      await polo.faults({ hubCredentials });
      await forgetCalls(polo);
      await assert.rejects(polo.discover(), /^Error: HubCredentials: /);
      assert.deepEqual(await callCounts(polo), { 'organizations.DescribeOrganization': 1 });
      await polo.faults({});
      await isUntouched();
    });
  }

  it('fails before any account is touched when every account of the sample refuses', async () => {
    await polo.control('PATCH', '/settings', { externalId: 'another-one' });
    for (const input of [{}, { accountIds: active.slice(0, 2) }]) {
      await assert.rejects(polo.discover(input), /^Error: HubRefused: .*POLO_EXTERNAL_ID/);
    }
    await isUntouched();
  });

  it('demotes them after a second look when the refusals are accepted', async () => {
    await forgetCalls(polo);
    const result = await polo.discover({ acceptRefusals: true });
    assert.deepEqual([result.complete, result.active, result.failed], [true, 0, 0]);
    const lost = (await polo.accounts()).filter(({ account_id: id }) => active.includes(id));
    assert.deepEqual([...new Set(lost.map(({ polo_status: status }) => status))], ['no_access']);
    const { recent } = await polo.control<{ recent: { operation: string; accountId: string }[] }>('GET', '/calls');
    for (const id of active) {
      const looks = recent.filter((call) => call.operation === 'AssumeRole' && call.accountId === id).length;
      assert.equal(looks, 4, 'both roles, twice');
    }
  });

  it('takes them back once the access works again', async () => {
    await polo.control('PATCH', '/settings', { externalId: SECRETS.externalId });
    const result = await polo.discover();
    assert.deepEqual([result.complete, result.active], [true, active.length]);
    assert.deepEqual(contentOf(await polo.accounts()), contentOf(rows));
  });
});

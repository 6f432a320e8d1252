/** AWS tags of accounts: read for new accounts and for some of the others; what is missing keeps what is stored. */
import assert from 'node:assert/strict';
import type { AccountRow } from '../../domain/contract.ts';
import { forgetCalls } from '../support/discovery.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { until } from '../support/waiting.ts';

describe('the tags of accounts', function () {
  this.timeout(180_000);
  let polo: Polo;
  /** One account for each day of the week-long cycle, so that some are due whatever the day. */
  const ids = [0, 1, 2, 3, 4, 5, 6].map((day) => `99999900000${String(day)}`);
  const rows = async (): Promise<Map<string, AccountRow>> =>
    new Map((await polo.accounts()).map((row) => [row.account_id, row]));
  const asked = async (): Promise<string[]> => {
    const { recent } = await polo.control<{ recent: { operation: string; accountId: string }[] }>('GET', '/calls');
    return recent.filter(({ operation }) => operation === 'ListTagsForResource').map(({ accountId }) => accountId);
  };

  before(async () => {
    polo = await startPolo({ accounts: 1 });
    for (const id of ids) {
      await polo.control('POST', '/accounts', { id, tags: { 'polo:account-role': 'prod', 'polo:owner': 'team-a' } });
    }
    await polo.discover();
  });
  after(() => polo.stop());

  it('are read for every new account', async () => {
    const stored = await rows();
    for (const id of ids) assert.deepEqual([stored.get(id)?.account_role, stored.get(id)?.owner], ['prod', 'team-a']);
  });

  it('are read for a seventh of the others; a missing one keeps what is stored', async () => {
    for (const id of ids) await polo.change(id, { tags: { 'polo:owner': 'team-b' } });
    await forgetCalls(polo);
    await polo.discover();
    const [due = '', ...more] = (await asked()).filter((id) => ids.includes(id));
    assert.deepEqual(more, []);
    const stored = await rows();
    assert.deepEqual([stored.get(due)?.account_role, stored.get(due)?.owner], ['prod', 'team-b']);
    assert.equal([...stored.values()].filter(({ owner }) => owner === 'team-a').length, ids.length - 1);
  });

  it('are not read on where somebody cancels their reading; the discovery is complete, and says so', async () => {
    await polo.faults({ rules: [{ operation: 'ListTagsForResource', effect: 'latency', ms: 60_000 }] });
    const running = polo.discover();
    const reading = await until(async () => {
      const query = `WorkflowType = 'readAccountTags' AND ExecutionStatus = 'Running'`;
      for await (const { workflowId } of polo.client.workflow.list({ query })) return workflowId;
      return undefined;
    });
    await polo.client.workflow.getHandle(reading).cancel();
    const { complete, failures } = await running;
    assert.equal(complete, true);
    assert.deepEqual(failures, [
      { accountId: '', accountName: '', code: 'Cancelled', message: 'AWS tags were not read: somebody cancelled it' },
    ]);
    await polo.faults({});
  });
});

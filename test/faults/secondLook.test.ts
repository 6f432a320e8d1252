/** A refusal takes nothing away before a second one confirms it (design 4), and the account isn't held in between (design 3). */
import assert from 'node:assert/strict';
import type { AccountRow } from '../../domain/contract.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { TIMEOUT } from '../support/scale.ts';
import { untilEvent } from '../support/waiting.ts';

describe('an active account that refuses', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  let accountId: string;
  before(async () => {
    // The second look comes after nine seconds.
    polo = await startPolo({ accounts: 3, env: { POLO_TIME_SCALE: '0.3' } });
    accountId = (await polo.organization())[1]?.id ?? '';
  });
  beforeEach(async () => {
    await polo.change(accountId, { roles: { read: 'works', action: 'works' } });
    await polo.run('includeAccount', { accountId, by: 'test' });
    assert.equal((await polo.account(accountId)).polo_status, 'active');
  });
  after(() => polo.stop());

  const verify = (): Promise<AccountRow> => polo.run<AccountRow>('verifyAccount', { accountId });
  const refuse = (...roles: ('read' | 'action')[]): Promise<unknown> =>
    polo.change(accountId, { roles: Object.fromEntries(roles.map((role) => [role, 'refused'])) });
  const waiting = (): Promise<void> => untilEvent(polo, `account/${accountId}`, 'timerStarted');
  /** The events that the account got since there were so many. */
  const eventsSince = async (count: number): Promise<string[]> =>
    (await polo.history(accountId))
      .sort((a, b) => a.at.localeCompare(b.at))
      .slice(count)
      .map(({ kind, to_status }) => `${kind} ${to_status}`.trim());

  it('stays active after one refusal', async () => {
    const before = (await polo.history(accountId)).length;
    await refuse('read', 'action');
    const verified = verify();
    await waiting();
    await polo.change(accountId, { roles: { read: 'works', action: 'works' } });
    assert.equal((await verified).polo_status, 'active');
    assert.deepEqual(await eventsSince(before), []);
  });

  it('loses its access after two', async () => {
    const before = (await polo.history(accountId)).length;
    await refuse('read', 'action');
    const row = await verify();
    assert.deepEqual([row.polo_status, row.polo_read_role, row.polo_action_role], ['no_access', '', '']);
    assert.match(row.last_scan_error, /^read role refused: /);
    assert.deepEqual(await eventsSince(before), ['status_changed no_access']);
  });

  it('loses its action role after two refusals of that role, and stays active', async () => {
    await refuse('action');
    const verified = verify();
    await waiting();
    assert.notEqual((await polo.account(accountId)).polo_action_role, '');
    const row = await verified;
    assert.deepEqual([row.polo_status, row.polo_action_role], ['active', '']);
    assert.match(row.last_scan_error, /^action role refused: /);
  });

  it('loses nothing while its roles work and are refused in turn', async () => {
    const { polo_read_role: read, polo_action_role: action } = await polo.account(accountId);
    const workflowId = `account/${accountId}`;
    await refuse('read');
    const verified = verify();
    await waiting();
    await polo.change(accountId, { roles: { read: 'works', action: 'refused' } });
    await untilEvent(polo, workflowId, 'timerStarted', 2);
    await polo.change(accountId, { roles: { read: 'refused', action: 'works' } });
    const row = await verified;
    assert.deepEqual([row.polo_status, row.polo_read_role, row.polo_action_role], ['active', read, action]);
    assert.equal(row.last_scan_error, 'verification inconclusive: the roles work and are refused in turn');
  });

  it('does what others want while it waits for the second look', async () => {
    const before = (await polo.history(accountId)).length;
    await refuse('read', 'action');
    const verified = verify();
    await waiting();
    const excluded = await polo.run<AccountRow>('excludeAccount', { accountId, reason: 'test', by: 'ann' });
    assert.equal(excluded.polo_status, 'excluded');
    const { events } = await polo.client.workflow.getHandle(`account/${accountId}`).fetchHistory();
    assert.ok(
      !events?.some((event) => event.timerFiredEventAttributes),
      'the exclusion did not wait for the second look',
    );
    assert.equal((await verified).polo_status, 'excluded');
    assert.deepEqual((await eventsSince(before)).sort(), ['excluded', 'status_changed excluded']);
  });
});

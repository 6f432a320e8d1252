/** How `account/<id>` keeps its promises to those that send it commands (design 3), whatever becomes of one command or of one run. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import type { AccountCommand, CommandResult } from '../../domain/commands.ts';
import { accountWorkflowId, TASK_QUEUE, type AccountRow } from '../../domain/contract.ts';
import type { Origin } from '../../domain/events.ts';
import { startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { newAccount } from '../support/onboarding.ts';
import { TIMEOUT } from '../support/scale.ts';
import { untilEvent } from '../support/waiting.ts';

describe('the workflow of an account', function () {
  this.timeout(TIMEOUT);
  let polo: PoloOnServer;
  before(async () => {
    polo = await startPoloOnServer({ accounts: 3 });
  });
  afterEach(() => polo.faults({}));
  after(() => polo.stop());

  const origin: Origin = { workflowId: 'test', runId: 'test', actor: 'ann' };
  const exclude = (id: string): AccountCommand => ({ kind: 'exclude', id, origin, reason: 'test' });
  const verify = (id: string, accountId: string, kind: 'verify' | 'include' = 'verify'): AccountCommand => ({
    ...{ kind, id, origin },
    facts: {
      ...{ id: accountId, name: 'new', email: '', state: 'ACTIVE', partition: 'aws' },
      managementAccount: false,
    },
  });
  /** Has the account apply a command, the way every workflow but a discovery does; `first` begins a run that is not there yet. */
  const submit = (accountId: string, command: AccountCommand, first?: AccountCommand): Promise<CommandResult> =>
    polo.client.workflow.executeUpdateWithStart<
      (first?: AccountCommand) => Promise<unknown>,
      CommandResult,
      [AccountCommand]
    >('submit', {
      args: [command],
      updateId: randomUUID(),
      startWorkflowOperation: new WithStartWorkflowOperation('account', {
        workflowId: accountWorkflowId(accountId),
        taskQueue: TASK_QUEUE,
        args: first ? [first] : [],
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      }),
    });
  const accepted = (accountId: string, count: number): Promise<void> =>
    untilEvent(polo, accountWorkflowId(accountId), 'workflowExecutionUpdateAccepted', count);
  /** A new account that lets Polo in, slowly. */
  const slowAccount = async (): Promise<string> => {
    const accountId = await newAccount(polo, { roles: { read: 'works', action: 'works' } });
    await polo.faults({ rules: [{ operation: 'AssumeRole', accountId, effect: 'latency', ms: 4_500, times: 2 }] });
    return accountId;
  };

  it('applies a command once that comes twice, because its sender tried again', async () => {
    const accountId = await slowAccount();
    await polo.control('DELETE', '/calls');
    const command = verify('once', accountId);
    const sent = submit(accountId, command);
    await accepted(accountId, 1);
    const again = submit(accountId, command);
    await accepted(accountId, 2);
    const result = await sent;
    assert.equal(result.row.polo_status, 'active');
    assert.deepEqual(await again, result);
    const { recent } = await polo.control<{ recent: { operation: string; accountId: string }[] }>('GET', '/calls');
    const looks = recent.filter((call) => call.operation === 'AssumeRole' && call.accountId === accountId);
    assert.equal(looks.length, 2, 'each role once');
  });

  it('goes on with the others when its first command fails, and applies that one when it is sent again', async () => {
    const accountId = await slowAccount();
    const excluding = exclude('fails-at-first');
    const other = submit(accountId, verify('other', accountId), excluding);
    const goesOn = untilEvent(polo, accountWorkflowId(accountId), 'activityTaskScheduled');
    await Promise.race([goesOn, other]);
    const again = submit(accountId, excluding);
    assert.equal((await other).row.polo_status, 'active');
    assert.equal((await again).row.polo_status, 'excluded');
    await assert.rejects(polo.client.workflow.getHandle(accountWorkflowId(accountId)).result(), (error: Error) => {
      assert.match(String(error.cause), /AccountNotFound|is not in the registry/);
      return true;
    });
  });

  describe('whose sender tries again when the run that applied its command is gone', () => {
    /** Has a run of its own apply the command. */
    const applied = async (accountId: string, command: AccountCommand): Promise<AccountRow> => {
      const { row } = await submit(accountId, command);
      await polo.client.workflow.getHandle(accountWorkflowId(accountId)).result();
      return row;
    };
    const acts = async (accountId: string): Promise<string[]> =>
      (await polo.history(accountId)).map(({ kind }) => kind).filter((kind) => kind.endsWith('cluded'));
    const activeAccount = async (): Promise<string> => {
      const accountId = await newAccount(polo, { roles: { read: 'works', action: 'works' } });
      assert.equal((await applied(accountId, verify('first', accountId))).polo_status, 'active');
      return accountId;
    };

    it('keeps an inclusion that came after the exclusion, and an exclusion after the inclusion', async () => {
      const accountId = await activeAccount();
      await applied(accountId, exclude('out'));
      const included = await applied(accountId, verify('in', accountId, 'include'));
      assert.equal(included.polo_status, 'active');
      assert.deepEqual(await applied(accountId, exclude('out')), included, 'the row as it stands');
      const excluded = await applied(accountId, exclude('out again'));
      assert.equal(excluded.polo_status, 'excluded');
      assert.deepEqual(await applied(accountId, verify('in', accountId, 'include')), excluded, 'the row as it stands');
      assert.deepEqual(await polo.account(accountId), excluded, 'nothing was written');
      assert.deepEqual(await acts(accountId), ['excluded', 'included', 'excluded']);
    });

    it('excludes an account whose exclusion was not written to its end', async () => {
      const accountId = await activeAccount();
      const event = {
        event_id: 'broken/excluded',
        account_id: accountId,
        at: Date.now(),
        kind: 'excluded',
        actor: 'ann',
      };
      await polo.database.insert('aws_account_events', Object.keys(event), [JSON.stringify(event)]);
      assert.equal((await applied(accountId, exclude('broken'))).polo_status, 'excluded');
      assert.deepEqual(await acts(accountId), ['excluded']);
    });
  });

  it('begins anew for those that still wait when somebody terminates it', async () => {
    const accountId = await slowAccount();
    const verified = polo.run<AccountRow>('verifyAccount', { accountId });
    await accepted(accountId, 1);
    await polo.client.workflow.getHandle(accountWorkflowId(accountId)).terminate('test');
    assert.equal((await verified).polo_status, 'active');
  });
});

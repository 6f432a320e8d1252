/** Discovery while AWS throttles, fails and drops connections: it takes longer and ends complete and right. */
import assert from 'node:assert/strict';
import type { AccountRow, DiscoverAccountsResult } from '../../domain/contract.ts';
import { assertAsOrganizationSays, idsByName } from '../support/discovery.ts';
import { startPolo, type Polo } from '../support/polo.ts';

/** Accounts without their roles, whose stack instance would say why. */
const DEPLOYED = { instance: { status: 'CURRENT', operationStatus: 'unknown' } };

describe('discovery while AWS fails', function () {
  this.timeout(180_000);
  let polo: Polo;
  let idOf: (name: string) => string;
  let stored: Map<string, AccountRow>;
  /** Waits for calls that hang, so it goes on while other tests run. */
  let running: Promise<DiscoverAccountsResult>;
  const readRows = async (): Promise<Map<string, AccountRow>> =>
    new Map((await polo.accounts()).map((account) => [account.account_id, account]));

  before(async () => {
    polo = await startPolo();
    await polo.discover();
    stored = await readRows();
    const add = (name: string, body: object): Promise<unknown> => polo.control('POST', '/accounts', { name, ...body });
    await add('hangs', { roles: { read: 'works', action: 'works' }, assumeRole: 'hang' });
    for (const name of ['stack-denied', 'stack-throttled', 'no-stack-set']) await add(name, DEPLOYED);
    idOf = await idsByName(polo);
    await polo.change(idOf('network'), { assumeRole: 'hang' });
    await polo.change(idOf('identity'), { assumeRole: 'ExpiredToken' });
    await polo.change(idOf('log-archive'), { assumeRole: 'InvalidClientTokenId' });
    await polo.change(idOf('abandoned-experiment'), { state: 'ACTIVE', assumeRole: 'throttle' });
    await polo.change(idOf('polo'), { name: 'renamed' });
    const stack = { service: 'cloudformation', operation: 'DescribeStackInstance' };
    await polo.faults({
      rules: [
        { ...stack, accountId: idOf('stack-denied'), effect: 'error', code: 'AccessDenied' },
        { ...stack, accountId: idOf('stack-throttled'), effect: 'throttle' },
        { ...stack, accountId: idOf('no-stack-set'), effect: 'error', code: 'StackSetNotFoundException' },
      ],
    });
    running = polo.discover();
    running.catch(() => undefined);
  });
  after(() => polo.stop());

  const units = { operation: 'ListOrganizationalUnitsForParent', effect: 'error', times: 1 };
  /** What goes wrong, and as what the calls that it struck are counted, each so many times at least. */
  const scenarios: Record<string, { rules: object[]; struck: Record<string, number> }> = {
    'STS throttles three calls of ten': {
      rules: [{ service: 'sts', effect: 'throttle', probability: 0.3 }],
      struck: { Throttling: 3 },
    },
    'Organizations throttles every third call, tokens expire and units and accounts go meanwhile': {
      rules: [
        // The second page, and again where the listing goes on with it: then it begins anew.
        { operation: 'ListAccounts', effect: 'error', code: 'InvalidInputException', after: 1, times: 2 },
        { ...units, code: 'InvalidInputException', after: 2 },
        { ...units, code: 'ParentNotFoundException', after: 13 },
        { operation: 'ListTagsForResource', effect: 'error', code: 'TargetNotFoundException', times: 1 },
        { service: 'organizations', effect: 'throttle', every: 3 },
      ],
      struck: {
        TooManyRequestsException: 3,
        InvalidInputException: 3,
        ParentNotFoundException: 1,
        TargetNotFoundException: 1,
      },
    },
    'connections break on all services': {
      rules: [
        { effect: 'drop', probability: 0.1 },
        { effect: 'lose', probability: 0.1 },
      ],
      struck: { dropped: 3, lost: 3 },
    },
  };
  for (const [title, { rules, struck }] of Object.entries(scenarios)) {
    it(`is complete and right although ${title}`, async () => {
      const fresh = await startPolo();
      try {
        await fresh.faults({ rules });
        const result = await fresh.discover();
        assert.deepEqual([result.complete, result.failures, result.inconclusive], [true, [], 0]);
        const { length } = await fresh.organization();
        assert.deepEqual([result.listed, result.new], [length, length], 'each account once');
        await assertAsOrganizationSays(fresh);
        const { errors } = await fresh.control<{ errors: Record<string, number> }>('GET', '/calls?recent=0');
        for (const [outcome, times] of Object.entries(struck)) {
          assert.ok(
            (errors[outcome] ?? 0) >= times,
            `${outcome}: ${String(errors[outcome])} of ${String(times)} calls`,
          );
        }
      } finally {
        await fresh.stop();
      }
    });
  }

  describe('for single accounts', () => {
    let rows: Map<string, AccountRow>;
    let result: DiscoverAccountsResult;
    const row = (name: string): AccountRow => {
      const found = rows.get(idOf(name));
      assert.ok(found, name);
      return found;
    };
    before(async () => {
      result = await running;
      rows = await readRows();
    });

    it('is complete and counts them as inconclusive', () => {
      assert.deepEqual([result.complete, result.failures, result.inconclusive], [true, [], 5]);
    });

    it('leaves status and roles as they were when AssumeRole hangs', () => {
      const now = row('network');
      assert.match(now.last_scan_error, /^verification inconclusive: /);
      const { updated_at, _version, last_scan_error } = now;
      assert.deepEqual(now, { ...stored.get(idOf('network')), updated_at, _version, last_scan_error });
    });

    it('leaves those that are new, or came back, pending setup', () => {
      for (const name of ['hangs', 'abandoned-experiment']) {
        assert.equal(row(name).polo_status, 'pending_setup', name);
        assert.match(row(name).last_scan_error, /^verification inconclusive: /, name);
      }
    });

    it('leaves status and roles as they were when only STS rejects the credentials of Polo', () => {
      for (const name of ['identity', 'log-archive']) {
        assert.equal(row(name).polo_status, 'active', name);
        assert.equal(row(name).polo_read_role, stored.get(idOf(name))?.polo_read_role, name);
        assert.match(row(name).last_scan_error, /^verification inconclusive: .*own credentials/, name);
      }
    });

    it('does not hold up the others: all of them are written first', () => {
      const hanging = [idOf('network'), idOf('hangs')];
      const last = hanging.map((id) => Number(rows.get(id)?._version));
      const others = [...rows.values()].filter(({ account_id: id }) => !hanging.includes(id));
      assert.ok(Math.max(...others.map(({ _version }) => Number(_version))) < Math.min(...last));
    });

    it('tries them again where the retries show, and only them', async () => {
      const verifications = async (name: string): Promise<number> => {
        const { events } = await polo.client.workflow.getHandle(`account/${idOf(name)}`).fetchHistory();
        return (events ?? []).filter(
          ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'verifyRoles',
        ).length;
      };
      for (const name of ['network', 'hangs', 'identity', 'abandoned-experiment'])
        assert.equal(await verifications(name), 1, name);
      for (const name of ['polo', 'payments-production', 'stack-denied'])
        assert.equal(await verifications(name), 0, name);
    });

    it('says why CloudFormation told nothing about a refused one', () => {
      for (const [name, words] of [
        ['stack-denied', /StackSet not readable: AccessDenied/],
        ['stack-throttled', /StackSet not readable: .*Throttling/],
        ['no-stack-set', /StackSet not readable: StackSetNotFoundException/],
      ] as const) {
        assert.equal(row(name).polo_status, 'pending_setup', name);
        assert.match(row(name).last_scan_error, words, name);
      }
    });
  });
});

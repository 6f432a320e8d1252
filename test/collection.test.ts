/** Collection tells honestly who was covered: the counts add up, and every account that was not collected has its reason. */
import assert from 'node:assert/strict';
import { jsonBytes } from '../domain/bytes.ts';
import type { AccountRow, CollectAcrossAccountsResult, CollectorInput } from '../domain/contract.ts';
import { collect, collectionOf, startedOn, COLLECTORS, startCollector } from './support/collector.ts';
import type { Behaviours } from './support/collectorWorkflows.ts';
import { startPoloOnServer, type PoloOnServer } from './support/discovery.ts';
import { histories, textsIn } from './support/histories.ts';
import { credentialsIn, leaksIn, SECRETS } from './support/secrets.ts';
import { until } from './support/waiting.ts';

const HOUR = 3_600_000;

describe('a collection', function () {
  this.timeout(300_000);
  let polo: PoloOnServer;
  let stopCollector: () => Promise<void>;
  let rows: AccountRow[];
  before(async () => {
    polo = await startPoloOnServer({ accounts: 130, env: { POLO_ACCOUNT_TAGS: 'off' } });
    stopCollector = await startCollector(polo);
    assert.equal((await polo.discover()).complete, true);
    rows = await polo.accounts();
  });
  after(async () => {
    await stopCollector();
    await polo.stop();
  });

  const idsOf = (status: string): string[] =>
    rows.filter(({ polo_status }) => polo_status === status).map(({ account_id }) => account_id);
  const nameOf = (id: string): string => rows.find(({ account_id }) => account_id === id)?.account_name ?? '';
  const rowsById = async (): Promise<Map<string, AccountRow>> =>
    new Map((await polo.accounts()).map((row) => [row.account_id, row]));

  describe('of a hundred accounts, some of which fail or are not open to it', () => {
    const ID = 'nightly-costs';
    const TIMEOUT = 30;
    let active: string[];
    let throwing: string[];
    let hanging: string;
    let refusing: string[];
    let pending: string[];
    let left: string;
    let excluded: string;
    let result: CollectAcrossAccountsResult;
    const messages = new Map<string, [type: string, message: string]>();

    before(async () => {
      active = idsOf('active').slice(0, 96);
      [hanging = '', left = '', excluded = ''] = active;
      throwing = active.slice(3, 6);
      refusing = active.slice(6, 8);
      pending = idsOf('pending_setup').slice(0, 4);
      assert.deepEqual([active.length, pending.length], [96, 4]);
      await polo.run('excludeAccount', { accountId: excluded, reason: 'migration', by: 'ann' });
      for (const id of refusing) await polo.change(id, { roles: { read: 'refused', action: 'refused' } });
      const input: Behaviours = { [hanging]: { does: 'hang' } };
      messages.set(hanging, ['TimedOut', `collectCosts on ${COLLECTORS} did not end within ${String(TIMEOUT)} s`]);
      for (const id of throwing) {
        input[id] = { does: 'throw', message: `no table in ${id}` };
        messages.set(id, ['TableMissing', `no table in ${id}`]);
      }
      for (const id of refusing) {
        input[id] = { does: 'deny', message: `${id} refused the role` };
        messages.set(id, ['AccountAccessDenied', `${id} refused the role`]);
      }
      result = await collect(
        polo,
        {
          include: { accountIds: [...active, ...pending] },
          exclude: { accountIds: [left] },
          accountTimeoutSeconds: TIMEOUT,
          input,
        },
        ID,
      );
    });

    it('counts every account that the filters mean exactly once', () => {
      const { matched, succeeded, failed, skipped, complete, unmatched } = result;
      assert.deepEqual(
        { matched, succeeded, failed, skipped, complete, unmatched },
        { matched: 99, succeeded: 88, failed: 6, skipped: 5, complete: false, unmatched: [] },
      );
    });

    it('names each failure with its account, type and message', () => {
      const told = new Map(result.failures.map(({ accountId, ...failure }) => [accountId, failure]));
      assert.deepEqual(
        Object.fromEntries(told),
        Object.fromEntries(
          [...messages].map(([id, [errorType, message]]) => [id, { accountName: nameOf(id), errorType, message }]),
        ),
      );
      assert.deepEqual([...result.failedAccountIds].sort(), [...messages.keys()].sort());
      assert.equal(result.failures.length, 6);
    });

    it('names each account that it skipped, and why', () => {
      const reasons = new Map(result.skippedAccounts.map(({ accountId, reason }) => [accountId, reason]));
      assert.deepEqual([...reasons.keys()].sort(), [...pending, excluded].sort());
      assert.equal(reasons.get(excluded), 'excluded: excluded by ann: migration');
      for (const id of pending) assert.match(reasons.get(id) ?? '', /^pending_setup: ./);
    });

    it('says from when its list of accounts is', async () => {
      const completed = (await polo.history()).find(({ kind }) => kind === 'discovery_completed');
      assert.equal(result.accountsAsOf, completed?.at);
      assert.ok(Date.parse(result.startedAt) <= Date.parse(result.finishedAt));
    });

    it('notes the success of exactly those that succeeded', async () => {
      const failed = new Set(messages.keys());
      const wanted = active.filter((id) => id !== left && id !== excluded && !failed.has(id));
      const scanned = (await polo.accounts()).filter(({ last_successful_scan: scan }) => scan !== null);
      assert.deepEqual(scanned.map(({ account_id }) => account_id).sort(), wanted.sort());
      for (const { last_successful_scan: scan, last_scan_error: error, account_id: id } of scanned) {
        assert.ok(scan !== null && scan >= result.startedAt && scan <= result.finishedAt, id);
        if (!error.startsWith('action role refused')) assert.equal(error, '', id);
      }
    });

    it('notes the failure of the others, in row and events', async () => {
      const now = await rowsById();
      for (const id of [hanging, ...throwing]) {
        const [, message] = messages.get(id) ?? [];
        assert.equal(now.get(id)?.last_scan_error, `scan collectCosts: ${String(message)}`);
      }
      for (const [id, [, message]] of messages) {
        const [event] = (await polo.history(id)).filter(({ kind }) => kind === 'scan_failed');
        assert.deepEqual([event?.actor, event?.reason, event?.workflow_id], ['collectCosts', message, ID]);
      }
    });

    it('has the accounts that refused it verified, and they lose their status', async () => {
      for (const id of refusing) {
        const lost = await until(async () => {
          const row = await polo.account(id);
          return row.polo_status === 'no_access' ? row : undefined;
        });
        assert.match(lost.last_scan_error, /^read role refused: AccessDenied/);
        assert.deepEqual([lost.polo_read_role, lost.last_successful_scan], ['', null]);
        const changes = (await polo.history(id)).filter(({ kind }) => kind === 'status_changed');
        const { from_status, to_status, actor } = changes.at(-1) ?? {};
        assert.deepEqual([from_status, to_status, actor], ['active', 'no_access', 'verifyAccount']);
      }
    });

    it('ran one collector on each account, told what it needs and no credentials', async () => {
      const wanted = active.filter((id) => id !== left && id !== excluded);
      assert.deepEqual((await startedOn(polo, ID)).sort(), wanted.sort());
      const zeros = active.find((id) => id.startsWith('0') && wanted.includes(id)) ?? '';
      const { events } = await polo.client.workflow.getHandle(`${ID}/${zeros}`).fetchHistory();
      const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      const { account } = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as CollectorInput;
      const row = (await rowsById()).get(zeros);
      assert.deepEqual(account, {
        accountId: zeros,
        accountName: row?.account_name,
        orgUnit: row?.org_unit,
        readRoleArn: `arn:aws:iam::${zeros}:role/test-PoloReadRole`,
        externalId: SECRETS.externalId,
        partition: 'aws',
      });
    });

    it('answers in words how far it is', async () => {
      assert.equal(
        await polo.client.workflow.getHandle(ID).query('progress'),
        '99 accounts matched so far, 88 succeeded, 6 failed, 5 skipped',
      );
    });
  });

  describe('in which everything goes well', () => {
    it('is complete, although excluded accounts are skipped', async () => {
      const include = { accountIds: [...idsOf('active').slice(10, 20), ...idsOf('excluded').slice(0, 2)] };
      const { startedAt, finishedAt, skippedAccounts, accountsAsOf, ...rest } = await collect(polo, { include });
      assert.deepEqual(rest, {
        matched: 12,
        succeeded: 10,
        failed: 0,
        skipped: 2,
        complete: true,
        unmatched: [],
        failures: [],
        failedAccountIds: [],
      });
      assert.ok(startedAt <= finishedAt && accountsAsOf !== undefined);
      for (const { reason } of skippedAccounts) assert.match(reason, /^excluded: account is /);
    });

    it('is the same under its other name', async () => {
      const input = collectionOf({ include: { accountIds: idsOf('active').slice(10, 12) } });
      const result = await polo.run<CollectAcrossAccountsResult>('collect_across_accounts', input);
      assert.deepEqual([result.matched, result.succeeded, result.complete], [2, 2, true]);
    });
  });

  describe('that returns what its collectors return', () => {
    const some = (count: number): string[] => idsOf('active').slice(20, 20 + count);

    it('returns all of it if it fits, ids with their leading zeros', async () => {
      const zeros = idsOf('active').find((id) => id.startsWith('00')) ?? '';
      const ids = [zeros, ...some(3)];
      const { results, resultsTruncated } = await collect(polo, { include: { accountIds: ids }, includeResults: true });
      assert.deepEqual(
        results?.toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1)),
        ids.sort().map((accountId) => ({ accountId, result: accountId })),
      );
      assert.equal(resultsTruncated, false);
    });

    it('returns no results unless it is asked for them', async () => {
      const result = await collect(polo, { include: { accountIds: some(1) } });
      assert.deepEqual(['results' in result, 'resultsTruncated' in result], [false, false]);
    });

    it('leaves out what does not fit, says so, and counts it all the same', async () => {
      const result = await collect(polo, {
        include: { accountIds: some(12) },
        includeResults: true,
        input: { '*': { does: 'return', bytes: 30_000 } },
      });
      assert.deepEqual([result.succeeded, result.complete, result.resultsTruncated], [12, true, true]);
      assert.equal(result.results?.length, 6);
      assert.ok(jsonBytes(result) <= 200 * 1024);
    });

    it('stands an error of 300 KiB, and results of 64 KiB', async () => {
      const ids = some(30);
      const [failing = ''] = ids;
      const result = await collect(polo, {
        include: { accountIds: ids },
        includeResults: true,
        recordScans: false,
        input: {
          [failing]: { does: 'throw', message: 'né"', times: (300 * 1024) / 4 },
          '*': { does: 'return', bytes: 64 * 1024 },
        },
      });
      assert.deepEqual([result.succeeded, result.failed, result.resultsTruncated], [29, 1, true]);
      const message = result.failures[0]?.message ?? '';
      assert.match(message, /^(né")+.{0,2}…$/);
      assert.ok(Buffer.byteLength(message) <= 500 && Buffer.byteLength(message) > 490);
      assert.ok(jsonBytes(result) <= 200 * 1024);
    });
  });

  describe('that is repeated within the hour', () => {
    const inserts = async (): Promise<number> => {
      const [count] = await polo.database.read<{ n: string }>(
        'events',
        "SELECT toString(sum(value)) AS n FROM system.events WHERE event = 'InsertQuery'",
      );
      return Number(count?.n);
    };

    it('writes nothing anew, neither what went well again nor what failed in the same words', async () => {
      const ids = idsOf('active').slice(50, 60);
      const again = {
        include: { accountIds: ids },
        input: { [ids[0] ?? '']: { does: 'throw', message: 'no table' } },
      } as const;
      const first = await collect(polo, again);
      const [written, before] = [await polo.written(), await inserts()];
      const second = await collect(polo, again);
      assert.deepEqual([await polo.written(), await inserts()], [written, before]);
      assert.deepEqual([first.succeeded, second.succeeded, second.failed], [9, 9, 1]);
    });

    it('writes nothing at all without recordScans', async () => {
      const ids = idsOf('active').slice(60, 64);
      const before = await polo.written();
      const result = await collect(polo, {
        include: { accountIds: ids },
        recordScans: false,
        input: { [ids[0] ?? '']: { does: 'throw', message: 'no such table' } },
      });
      assert.deepEqual([result.succeeded, result.failed], [3, 1]);
      assert.deepEqual(await polo.written(), before);
    });
  });

  describe('that is looked at by others', () => {
    it('shows them role ARNs, and no credential in any history or log', async () => {
      const withExternalId = new Set<string>();
      let roles = 0;
      for await (const { workflow, history } of histories(polo.client)) {
        for (const text of textsIn(history)) {
          assert.deepEqual(credentialsIn(text), [], workflow.workflowId);
          if (text.includes(SECRETS.externalId)) withExternalId.add(workflow.type);
          if (text.includes(':role/test-PoloReadRole')) roles++;
        }
      }
      assert.ok(roles > 100);
      assert.deepEqual([...withExternalId].sort(), [
        'collectAcrossAccounts',
        'collectCosts',
        'collect_across_accounts',
      ]);
      assert.deepEqual(leaksIn(await polo.logs()), []);
    });
  });

  describe('from a list of accounts that is not fresh', () => {
    const change = (statement: string): Promise<void> =>
      polo.database.run('events', `ALTER TABLE polo.aws_account_events ${statement} SETTINGS mutations_sync = 1`);
    const one = (): Promise<CollectAcrossAccountsResult> =>
      collect(polo, { include: { accountIds: idsOf('active').slice(20, 21) }, recordScans: false });

    it('is not complete, and says from when the list is', async () => {
      assert.equal((await one()).complete, true);
      await change("UPDATE at = at - INTERVAL 30 HOUR WHERE kind = 'discovery_completed'");
      const { succeeded, failed, skipped, complete, accountsAsOf, startedAt } = await one();
      assert.deepEqual(
        { succeeded, failed, skipped, complete },
        { succeeded: 1, failed: 0, skipped: 0, complete: false },
      );
      const age = Date.parse(startedAt) - Date.parse(accountsAsOf ?? '');
      assert.ok(age > 30 * HOUR && age < 31 * HOUR, accountsAsOf);
    });

    it('is not complete if no discovery ever was', async () => {
      await change("DELETE WHERE kind = 'discovery_completed'");
      const result = await one();
      assert.deepEqual([result.succeeded, result.complete, 'accountsAsOf' in result], [1, false, false]);
    });
  });
});

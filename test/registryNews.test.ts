/** What the registry tells for reports: the state of Slack, accounts that there may be news of, the week, exclusions. */
import assert from 'node:assert/strict';
import { createCoverageActivities } from '../activities/coverage.ts';
import { POLO_STATUSES, type AccountEvent, type AccountRow } from '../domain/contract.ts';
import type { ToldAccounts } from '../domain/news.ts';
import { isLoss } from '../domain/status.ts';
import { at, eventOf, idOf, nodeOf, onEveryPlace, rowOf } from './support/clickhousePlaces.ts';

const NOW = Date.parse(at(0));
const DAY = 24 * 60;

onEveryPlace('registry for reports', (current) => {
  const put = (index: number, row: Partial<AccountRow>, ...events: AccountEvent[]): Promise<void> =>
    current.registry.writeAccount({ events, node: nodeOf(idOf(index)), row: rowOf(idOf(index), row) });
  const told = (index: number, minute: number, reason: string): AccountEvent =>
    eventOf(idOf(index), 'slack_told', minute, { reason, from_status: '', to_status: '' });
  const toldOfAll = (minute: number, reason: string): AccountEvent =>
    eventOf('', 'slack_told', minute, { reason, from_status: '', to_status: '' });
  const changed = (index: number, minute: number, from_status: string, to_status: string): AccountEvent =>
    eventOf(idOf(index), 'status_changed', minute, { from_status, to_status });

  it('knows nothing of a Slack that was never told anything', async () => {
    assert.deepEqual(await current.registry.readSlackState(), {});
  });

  it('knows what Slack was told of the list last, and when first after a complete discovery', async () => {
    await current.registry.appendEvents([toldOfAll(0, 'never_ran')]);
    assert.deepEqual(await current.registry.readSlackState(), { list: 'never_ran' });
    await current.registry.appendEvents([toldOfAll(1, 'list_fresh'), toldOfAll(2, 'discovery_stale')]);
    assert.deepEqual(await current.registry.readSlackState(), { list: 'discovery_stale', baselineAt: at(1) });
  });

  it('finds the accounts that aren’t covered, were told as gaps, or are new and untold', async () => {
    await put(1, {});
    await put(
      2,
      { polo_status: 'no_access' },
      changed(2, -300, 'pending_setup', 'active'),
      changed(2, -60, 'active', 'no_access'),
    );
    await put(3, {}, told(3, -50, 'stale'), told(3, -40, 'no_access'));
    await put(4, {}, told(4, -50, 'stale'), told(4, -40, 'covered'));
    await put(5, { discovered_at: at(-10) });
    await put(6, { discovered_at: at(-10) }, told(6, -5, 'new'));
    await put(7, { discovered_at: at(-10), polo_status: 'excluded' });
    await put(8, { polo_status: 'excluded' }, told(8, -50, 'pending_setup'));
    await put(9, { last_successful_scan: null });
    const question = { now: NOW, baseline: Date.parse(at(-100)), limit: 100 };
    const { candidates, next } = await current.registry.readNewsCandidates(question);
    assert.equal(next, undefined);
    assert.deepEqual(
      candidates.map(({ account_id, told, previous_status, since }) => [account_id, told, previous_status, since]),
      [
        [idOf(2), '', 'active', at(-60)],
        [idOf(3), 'no_access', '', at(-600)],
        [idOf(5), '', '', at(-10)],
        [idOf(8), 'pending_setup', '', at(-600)],
        [idOf(9), '', '', at(-600)],
      ],
    );
    const early = await current.registry.readNewsCandidates({ now: NOW, limit: 100 });
    assert.ok(!early.candidates.some(({ account_id }) => account_id === idOf(5)), 'nothing is new before the baseline');
  });

  it('hands out news in pages, and records what was told so that it is news no more', async () => {
    for (const index of [1, 2, 3, 4, 5]) await put(index, { polo_status: 'no_access' });
    const { registry } = current;
    const small = {
      ...registry,
      readNewsCandidates: (q: Parameters<typeof registry.readNewsCandidates>[0]) =>
        registry.readNewsCandidates({ ...q, limit: 2 }),
    };
    const { readNews, recordTold } = createCoverageActivities(() => Promise.reject(new Error('not asked')), small);
    const pages: (ToldAccounts & { next?: string })[] = [];
    for (let after: string | undefined = ''; after !== undefined; after = pages.at(-1)?.next) {
      pages.push(await readNews({ now: NOW, after }));
    }
    assert.deepEqual(
      pages.flatMap((page) => page.told.no_access ?? []),
      [1, 2, 3, 4, 5].map(idOf),
    );
    assert.deepEqual(
      pages.map((page) => page.newGaps),
      [2, 2, 1],
    );
    const by = {
      commandId: 'run',
      at: at(1),
      origin: { workflowId: 'report-coverage', runId: 'run', actor: 'reportCoverage' },
    };
    for (let time = 0; time < 2; time++) for (const page of pages) await recordTold(page.told, by);
    assert.equal((await readNews({ now: NOW })).newGaps, 0);
    const { history } = await registry.readHistory({ accountId: idOf(1), limit: 10 });
    assert.deepEqual(
      history.map(({ kind, reason }) => [kind, reason]),
      [['slack_told', 'no_access']],
    );
  });

  it('tells what happened since a time, each account once for each happening', async () => {
    await put(1, {}, eventOf(idOf(1), 'discovered', -5), changed(1, -4, 'pending_setup', 'active'));
    await put(
      2,
      {},
      changed(2, -5, 'active', 'no_access'),
      changed(2, -4, 'no_access', 'active'),
      changed(2, -3, 'active', 'no_access'),
    );
    await put(3, {}, eventOf(idOf(3), 'departed', -5));
    await put(4, {}, eventOf(idOf(4), 'discovered', -2 * DAY));
    for (const index of [11, 12, 13, 14, 15, 16, 17]) await put(index, {}, eventOf(idOf(index), 'returned', -5));
    await current.registry.appendEvents([eventOf('', 'slack_failed', -6, { reason: 'SlackRejected: 404' })]);
    const { accounts, slackFailure } = await current.registry.readHappened(at(-DAY));
    assert.deepEqual(
      Object.entries(accounts)
        .map(([what, { count, named }]) => [what, count, named.length])
        .sort(),
      [
        ['activated', 1, 1],
        ['departed', 1, 1],
        ['discovered', 1, 1],
        ['lost', 1, 1],
        ['recovered', 1, 1],
        ['returned', 7, 5],
      ],
    );
    assert.deepEqual(accounts.lost?.named, [{ account_id: idOf(2), account_name: `account ${idOf(2)}` }]);
    assert.deepEqual(slackFailure, { at: at(-6), message: 'SlackRejected: 404' });
    assert.deepEqual(await current.registry.readHappened(at(0)), { accounts: {} });
  });

  it('calls lost what the status table calls lost', async () => {
    const moves = POLO_STATUSES.flatMap((from) => POLO_STATUSES.map((to) => ({ from, to })));
    for (const [index, { from, to }] of moves.entries()) await put(index, {}, changed(index, -5, from, to));
    const { accounts } = await current.registry.readHappened(at(-DAY));
    assert.deepEqual(
      accounts.lost?.named.map((account) => account.account_id),
      moves.flatMap((move, index) => (isLoss(move) ? [idOf(index)] : [])),
    );
  });

  it('finds exclusions by their end: not those that ended, have none, or are of accounts that left', async () => {
    const out = { polo_status: 'excluded' } as const;
    const excluded = (index: number, minute: number, until: string | null): AccountEvent =>
      eventOf(idOf(index), 'excluded', minute, { actor: 'kim', reason: 'merger', until });
    await put(1, out, excluded(1, -50, at(-20)));
    await put(2, out, excluded(2, -50, at(-10)), eventOf(idOf(2), 'exclusion_ended', -5));
    await put(3, out, excluded(3, -50, null));
    await put(4, out, excluded(4, -50, at(-10)), eventOf(idOf(4), 'departed', -30));
    await put(5, {}, excluded(5, -50, at(-10)));
    await put(6, out, excluded(6, -50, at(-10)), excluded(6, -40, at(30)));
    await put(7, out, excluded(7, -50, at(-30)));
    const ended = await current.registry.readEndingExclusions({ from: 0, to: NOW, limit: 1 });
    assert.equal(ended.count, 2);
    assert.deepEqual(ended.named, [
      { account_id: idOf(7), account_name: `account ${idOf(7)}`, by: 'kim', reason: 'merger', until: at(-30) },
    ]);
    const soon = await current.registry.readEndingExclusions({ from: NOW, to: NOW + DAY * 60_000, limit: 10 });
    assert.deepEqual(
      soon.named.map((account) => account.account_id),
      [idOf(6)],
    );
    assert.deepEqual(await current.registry.readEndingExclusions({ from: 0, to: 1, limit: 10 }), {
      count: 0,
      named: [],
    });
  });
});

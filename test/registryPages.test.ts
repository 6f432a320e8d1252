import assert from 'node:assert/strict';
import type { HierarchyNode } from '../domain/account.ts';
import { POLO_STATUSES, type CoverageGap, type PoloStatus } from '../domain/contract.ts';
import { coverageOf } from '../domain/coverage.ts';
import { coveragePage } from '../registry/coverage.ts';
import { at, eventOf, idOf, nodeOf, onEveryPlace, rowOf } from './support/clickhousePlaces.ts';

const ID = idOf(1);
const LIMIT = 180 * 1024;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** What all pages hold together; every page must be below Temporal's limit. */
const readAll = async <Page extends { next?: string }, Row>(
  read: (after: { after?: string }) => Promise<Page>,
  rowsOf: (page: Page) => Row[],
  limit = LIMIT,
): Promise<{ rows: Row[]; pages: number }> => {
  const rows: Row[] = [];
  let pages = 0;
  for (let after: { after?: string } | undefined = {}; after; pages += 1) {
    const page: Page = await read(after);
    assert.ok(bytes(page) < limit, `page of ${String(bytes(page))} bytes`);
    rows.push(...rowsOf(page));
    after = page.next === undefined ? undefined : { after: page.next };
  }
  return { rows, pages };
};

onEveryPlace('pages of the registry', (current) => {
  it('pages accounts by id and status, below the limit whatever they hold', async () => {
    const change = (index: number, polo_status: PoloStatus, text: string) => ({
      events: [],
      node: nodeOf(idOf(index)),
      row: rowOf(idOf(index), { polo_status, last_scan_error: text }),
    });
    const changes = Array.from({ length: 120 }, (_, index) =>
      change(index, index % 3 === 0 ? 'no_access' : 'active', '€"\n'.repeat(1_000)),
    );
    await Promise.all([...changes, change(500, 'active', '\u0001'.repeat(300_000))].map(current.registry.writeAccount));

    const all = await readAll(
      (after) => current.registry.readAccounts({ ...after, limit: 1_000 }),
      (page) => page.accounts,
    );
    assert.deepEqual(
      all.rows.map((row) => row.account_id),
      [...changes.keys(), 500].map(idOf),
    );
    assert.ok(all.pages > 3);
    assert.equal(all.rows[0]?.last_scan_error.length, 3_000);
    const lost = await readAll(
      (after) => current.registry.readAccounts({ ...after, status: 'no_access', limit: 7 }),
      (page) => page.accounts,
    );
    assert.equal(lost.rows.length, 40);
    assert.ok(lost.rows.every((row) => row.polo_status === 'no_access'));
    await assert.rejects(current.registry.readAccounts({ limit: 0 }), { code: 'RegistryRejected' });
  });

  it("pages an account's and the organization's history, oldest first", async () => {
    const events = Array.from({ length: 25 }, (_, index) =>
      eventOf(ID, 'status_changed', Math.floor(index / 5), {
        event_id: `c/${idOf(index)}`,
        reason: 'x'.repeat(20_000),
      }),
    );
    await current.registry.appendEvents([...events].reverse());
    await current.registry.appendEvents([
      eventOf('', 'discovery_completed', 1),
      eventOf('000000000002', 'discovered', 1),
    ]);
    const read = (accountId: string) =>
      readAll(
        (after) => current.registry.readHistory({ accountId, ...after, limit: 10 }),
        (page) => page.history,
      );
    assert.deepEqual((await read(ID)).rows, events);
    assert.deepEqual((await read('')).rows, [eventOf('', 'discovery_completed', 1)]);
    await assert.rejects(current.registry.readHistory({ accountId: ID, after: 'x', limit: 1 }), {
      code: 'RegistryRejected',
    });
  });

  it('knows the accounts that have not left, and samples the active ones', async () => {
    const write = (index: number, polo_status: PoloStatus, ...kinds: string[]) =>
      current.registry.writeAccount({
        events: kinds.map((kind, minute) => eventOf(idOf(index), kind, minute)),
        node: nodeOf(idOf(index)),
        row: rowOf(idOf(index), { polo_status }),
      });
    await Promise.all([
      write(1, 'active'),
      write(2, 'excluded', 'departed'),
      write(3, 'active', 'departed', 'returned'),
      write(4, 'excluded', 'returned', 'departed'),
      write(5, 'pending_setup', 'discovered'),
    ]);
    const known = await readAll(
      (after) => current.registry.readKnownAccountIds({ ...after, limit: 2 }),
      (page) => page.accountIds,
    );
    assert.deepEqual(known.rows, [1, 3, 5].map(idOf));
    const sample = await current.registry.sampleActiveAccounts(20);
    assert.deepEqual(new Set(sample.map((account) => account.accountId)), new Set([1, 3].map(idOf)));
    assert.equal(sample[0]?.readRoleArn, rowOf(sample[0]?.accountId ?? '').polo_read_role);
    assert.equal((await current.registry.sampleActiveAccounts(1)).length, 1);
  });

  it('pages organization and units, and finds the active organization', async () => {
    const organization: Partial<HierarchyNode> = { node_type: 'organization', parent_id: '', path: [] };
    const units = Array.from({ length: 400 }, (_, index) =>
      nodeOf(`ou-${idOf(index)}`, {
        node_type: 'organizational_unit',
        path: ['x'.repeat(500)],
        is_active: index > 0,
      }),
    );
    await current.registry.writeNodes([
      nodeOf('o-new', organization),
      nodeOf('o-gone', { ...organization, is_active: false }),
    ]);
    await current.registry.writeNodes([...units, nodeOf(ID)]);
    const all = await readAll(
      (after) => current.registry.readUnitNodes(after),
      (page) => page.nodes,
      100 * 1024,
    );
    assert.deepEqual(
      all.rows.map((node) => node.node_id),
      ['o-gone', 'o-new', ...units.map((node) => node.node_id)],
    );
    assert.deepEqual(all.rows[2], units[0]);
    assert.equal(await current.registry.readOrganizationId(), 'o-new');
    await current.registry.writeNodes([]);
  });

  it('finds every gap, and since when it is one', async () => {
    const now = at(0);
    const day = 24 * 60;
    const changes: Parameters<typeof rowOf>[1][] = [
      {},
      { last_successful_scan: at(-day) },
      { last_successful_scan: at(-day - 1) },
      { last_successful_scan: null },
      { polo_status: 'no_access', polo_read_role: '' },
      { polo_status: 'pending_setup', last_successful_scan: null },
      { polo_status: 'excluded', last_successful_scan: null },
      { polo_action_role: '' },
      { polo_status: 'excluded', polo_action_role: '' },
    ];
    await Promise.all(
      changes.map((change, index) =>
        current.registry.writeAccount({ events: [], node: nodeOf(idOf(index)), row: rowOf(idOf(index), change) }),
      ),
    );
    const better = { polo_status: 'active', last_successful_scan: now, _version: '0' } as const;
    for (const index of [4, 6]) {
      await current.registry.writeAccount({ events: [], node: nodeOf(idOf(index)), row: rowOf(idOf(index), better) });
    }
    await current.registry.appendEvents([
      eventOf(idOf(4), 'status_changed', -50, { from_status: 'active', to_status: 'no_access' }),
      eventOf(idOf(4), 'access_changed', -40, { from_status: 'no_access', to_status: 'no_access' }),
      eventOf(idOf(4), 'status_changed', -30, { from_status: 'no_access', to_status: 'active' }),
      eventOf(idOf(4), 'status_changed', -20, { from_status: 'active', to_status: 'no_access' }),
      eventOf(idOf(4), 'access_changed', -10, { from_status: 'no_access', to_status: 'no_access' }),
      eventOf('', 'discovery_completed', -90),
      eventOf('', 'discovery_incomplete', -10),
    ]);

    const nowMs = Date.parse(now);
    const question = { now: nowMs, actionRoleConfigured: true };
    const facts = await current.registry.readCoverageFacts(question);
    assert.equal(facts.lastCompleteDiscoveryAt, at(-90));
    assert.deepEqual(facts.accountsByStatus, { active: 5, pending_setup: 1, no_access: 1, excluded: 2 });
    const coverage = coverageOf(facts, nowMs, true);
    const ids = (gaps: CoverageGap[]) => gaps.map((gap) => gap.account_id);
    assert.deepEqual(ids(coverage.gaps), [2, 3, 4, 5].map(idOf));
    assert.deepEqual(ids(coverage.lesserGaps), [idOf(7)]);
    const since = new Map(coverage.gaps.map((gap) => [gap.account_id, gap.since]));
    assert.equal(since.get(idOf(4)), at(-20));
    assert.equal(since.get(idOf(5)), at(-600));
    const withoutActions = await current.registry.readCoverageFacts({ ...question, actionRoleConfigured: false });
    assert.deepEqual(withoutActions.candidates.map((account) => account.account_id).sort(), [2, 3, 4, 5].map(idOf));

    const paged = await readAll(
      (after) => Promise.resolve(coveragePage(coverage, { ...after, limit: 2 })),
      (page) => [...ids(page.coverage.gaps), ...ids(page.coverage.lesserGaps)],
    );
    assert.deepEqual(paged, { rows: [2, 3, 4, 5, 7].map(idOf), pages: 3 });
  });

  it("finds what the seed's query finds, but for the excluded accounts", async () => {
    const scans = [at(0), at(-24 * 60 + 1), at(-24 * 60 - 1), null];
    const rows = POLO_STATUSES.flatMap((polo_status, status) =>
      scans.map((last_successful_scan, scan) => rowOf(idOf(10 * status + scan), { polo_status, last_successful_scan })),
    );
    await Promise.all(
      rows.map((row) => current.registry.writeAccount({ events: [], node: nodeOf(row.account_id), row })),
    );
    const database = await current.openDatabase();
    const now = Date.parse(at(0));
    const seed = await database.read<{ account_id: string; polo_status: string }>(
      `${current.database}.aws_accounts`,
      `SELECT account_id, polo_status FROM ${current.database}.aws_accounts FINAL
       WHERE polo_status IN ('pending_setup', 'no_access')
          OR last_successful_scan < fromUnixTimestamp64Milli({now:Int64}) - INTERVAL 24 HOUR
       ORDER BY account_id`,
      { now },
    );
    assert.equal(seed.filter(({ polo_status }) => polo_status === 'excluded').length, 2);
    const { gaps } = coverageOf(
      await current.registry.readCoverageFacts({ now, actionRoleConfigured: true }),
      now,
      true,
    );
    assert.equal(gaps.length, 10);
    assert.deepEqual(
      gaps.map(({ account_id, polo_status }) => ({ account_id, polo_status })),
      seed.filter(({ polo_status }) => polo_status !== 'excluded'),
    );
  });

  it('knows the management account from the latest discovery', async () => {
    const pending = { polo_status: 'pending_setup', last_successful_scan: null } as const;
    for (const index of [1, 2]) {
      await current.registry.writeAccount({ events: [], node: nodeOf(idOf(index)), row: rowOf(idOf(index), pending) });
    }
    await current.registry.appendEvents([
      eventOf('', 'management_account', -20, { reason: idOf(1) }),
      eventOf('', 'management_account', -10, { reason: idOf(2) }),
    ]);
    const now = Date.parse(at(0));
    const facts = await current.registry.readCoverageFacts({ now, actionRoleConfigured: true });
    const { candidates } = await current.registry.readNewsCandidates({ now, limit: 10 });
    for (const found of [facts.candidates, candidates]) {
      const management = found.filter((candidate) => candidate.isManagementAccount);
      assert.deepEqual(
        management.map((candidate) => candidate.account_id),
        [idOf(2)],
      );
    }
  });

  it('has no last discovery before one is complete', async () => {
    assert.deepEqual(await current.registry.readCoverageFacts({ now: Date.parse(at(0)), actionRoleConfigured: true }), {
      accountsByStatus: { active: 0, pending_setup: 0, no_access: 0, excluded: 0 },
      lastCompleteDiscoveryAt: null,
      candidates: [],
    });
  });

  it("tells Slack's failure until Slack has been told something", async () => {
    const slackFailure = async () =>
      (await current.registry.readCoverageFacts({ now: Date.parse(at(0)), actionRoleConfigured: true })).slackFailure;
    const failed = eventOf('', 'slack_failed', -10, { reason: 'HTTP 404: no_service' });
    await current.registry.appendEvents([eventOf('', 'slack_told', -20), failed, eventOf(idOf(1), 'slack_told', -5)]);
    const changes = { at: at(-10), message: 'HTTP 404: no_service' };
    assert.deepEqual(await slackFailure(), { ...changes, missed: { changes: true } });
    const digest = eventOf('', 'slack_failed', -8, { reason: 'HTTP 410', actor: 'weeklyDigest' });
    await current.registry.appendEvents([digest]);
    assert.deepEqual(await slackFailure(), { ...changes, missed: { changes: true, digestAt: at(-8) } });
    await current.registry.appendEvents([eventOf('', 'slack_told', -4)]);
    assert.equal(await slackFailure(), undefined);
    const later = eventOf('', 'slack_failed', -2, { reason: 'HTTP 410', actor: 'weeklyDigest' });
    await current.registry.appendEvents([later]);
    const missed = { changes: false, digestAt: at(-2) };
    assert.deepEqual(await slackFailure(), { at: at(-2), message: 'HTTP 410', missed });
  });
});

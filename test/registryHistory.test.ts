/** What the page asks the registry: how coverage changed, how many accounts there are, the latest events. */
import assert from 'node:assert/strict';
import { coverageHistory } from '../domain/coverageHistory.ts';
import { at, eventOf, idOf, nodeOf, onEveryPlace, rowOf } from './support/clickhousePlaces.ts';
import { discoveryAt } from './support/pageStory.ts';

const MINUTE = 60_000;

onEveryPlace('the registry behind the page', (current) => {
  const noon = Date.parse(at(0));

  it('has no history before the first account', async () => {
    await current.registry.appendEvents([discoveryAt(noon)]);
    assert.equal(await current.registry.readCoverageChanges(noon + MINUTE), undefined);
  });

  it('tells how many accounts went from one status to another in each step, and when discoveries completed', async () => {
    const { registry } = current;
    const status = (index: number, minutes: number, from: string, to: string) =>
      eventOf(idOf(index), from === '' ? 'discovered' : 'status_changed', minutes, {
        from_status: from,
        to_status: to,
      });
    const moves = [
      status(1, 0, '', 'active'),
      status(2, 0, '', 'active'),
      status(3, 1, '', 'pending_setup'),
      status(1, 30, 'active', 'no_access'),
      status(2, 30, 'active', 'no_access'),
      status(3, 45, 'pending_setup', 'active'),
    ];
    await registry.appendEvents([
      ...moves,
      ...moves, // a retry repeats its events, and they count once
      { ...status(1, 40, 'no_access', 'no_access'), kind: 'access_changed' },
      eventOf(idOf(1), 'scan_failed', 41),
      status(2, 120, 'no_access', 'active'), // after the time that is asked for
      ...[-30 * 60, -60, 2, 60].map((minutes) => discoveryAt(noon + minutes * MINUTE)),
      { ...discoveryAt(noon + 3 * MINUTE), kind: 'discovery_incomplete' },
    ]);
    const changes = await registry.readCoverageChanges(noon + 60 * MINUTE);
    assert(changes);
    const first = Math.floor(noon / MINUTE) * MINUTE;
    assert.deepEqual(changes.window, { from: first, to: noon + 60 * MINUTE, step: MINUTE });
    assert.deepEqual(
      changes.moves.sort((a, b) => a.step - b.step),
      [
        { step: 0, from: '', to: 'active', accounts: 2 },
        { step: 1, from: '', to: 'pending_setup', accounts: 1 },
        { step: 30, from: 'active', to: 'no_access', accounts: 2 },
        { step: 45, from: 'pending_setup', to: 'active', accounts: 1 },
      ],
    );
    assert.deepEqual(
      changes.discoveries,
      [-60, 2, 60].map((minutes) => noon + minutes * MINUTE),
    );
    const { steps } = coverageHistory(changes, { active: 1, pending_setup: 0, no_access: 2, excluded: 0 });
    assert.deepEqual(steps[0]?.accounts, { active: 2, pending_setup: 0, no_access: 0, excluded: 0 });
    assert.equal(steps[30]?.lost, 2);
  });

  it('counts accounts by status and search, and how many come before a page', async () => {
    const { registry } = current;
    const write = (index: number, changes: object) =>
      registry.writeAccount({ events: [], node: nodeOf(idOf(index)), row: rowOf(idOf(index), changes) });
    await Promise.all([
      write(1, { account_name: 'Zürich 100%' }),
      write(2, { account_name: 'b', org_unit: '/ZÜRICH' }),
      write(3, { account_name: 'c', owner: 'Jo of Zürich', polo_status: 'no_access' }),
      write(4, { account_name: "quote ' and \\ backslash" }),
    ]);
    const found = async (input: object) => [
      (await registry.readAccounts({ ...input, limit: 10 })).accounts.map((row) => Number(row.account_id)),
      await registry.countAccounts(input),
    ];
    assert.deepEqual(await found({}), [[1, 2, 3, 4], { total: 4, before: 0 }]);
    assert.deepEqual(await found({ after: idOf(2) }), [[3, 4], { total: 4, before: 2 }]);
    assert.deepEqual(await found({ search: 'zürich' }), [[1, 2, 3], { total: 3, before: 0 }]);
    assert.deepEqual(await found({ search: 'zürich', status: 'no_access' }), [[3], { total: 1, before: 0 }]);
    assert.deepEqual(await found({ search: '0%' }), [[1], { total: 1, before: 0 }]);
    assert.deepEqual(await found({ search: "' and \\ b" }), [[4], { total: 1, before: 0 }]);
    assert.deepEqual(await found({ search: idOf(2), after: idOf(2) }), [[], { total: 1, before: 1 }]);
  });

  it('reads a history from its newest event on, page by page, none twice and none left out', async () => {
    const { registry } = current;
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    // Two and three of them at the same time.
    await registry.appendEvents(kinds.map((kind, index) => eventOf(idOf(1), kind, Math.floor(index / 3))));
    const read: string[] = [];
    let after: string | undefined;
    do {
      const page = await registry.readHistory({
        accountId: idOf(1),
        limit: 2,
        newestFirst: true,
        ...(after !== undefined && { after }),
      });
      read.push(...page.history.map(({ kind }) => kind));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(read, kinds.toReversed());
  });
});

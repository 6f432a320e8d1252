/** Which accounts a collection means, by id, organizational unit, role and owner; and what it does not understand. */
import assert from 'node:assert/strict';
import type { AccountFilter, AccountRow, CollectAcrossAccountsResult } from '../domain/contract.ts';
import { collect, COLLECTORS, startCollector } from './support/collector.ts';
import { idsByName } from './support/discovery.ts';
import { startPolo, type Polo } from './support/polo.ts';
import { until } from './support/waiting.ts';

const UNKNOWN = '999999999999';

describe('the accounts that a collection means', function () {
  this.timeout(180_000);
  let polo: Polo;
  let stopCollector: () => Promise<void>;
  let idOf: (name: string) => string;
  let rows: AccountRow[];
  before(async () => {
    polo = await startPolo();
    stopCollector = await startCollector(polo);
    await polo.discover();
    idOf = await idsByName(polo);
    const tagged = (await polo.control<{ tags: object }[]>('GET', '/accounts')).filter(
      ({ tags }) => Object.keys(tags).length > 0,
    ).length;
    rows = await until(async () => {
      const known = await polo.accounts();
      return known.filter((row) => row.account_role !== '' || row.owner !== '').length === tagged ? known : undefined;
    });
  });
  after(async () => {
    await stopCollector();
    await polo.stop();
  });

  const ids = (result: CollectAcrossAccountsResult): string[] =>
    [...(result.results ?? []), ...result.failures, ...result.skippedAccounts].map(({ accountId }) => accountId).sort();
  const meant = async (filters: { include?: AccountFilter; exclude?: AccountFilter }): Promise<string[]> => {
    const result = await collect(polo, { ...filters, recordScans: false, includeResults: true });
    assert.equal(result.matched, ids(result).length);
    assert.deepEqual(result.unmatched, []);
    return ids(result);
  };
  const where = (condition: (row: AccountRow) => boolean): string[] =>
    rows
      .filter(condition)
      .map(({ account_id }) => account_id)
      .sort();
  const below = (unit: string) => (row: AccountRow) => row.org_unit === unit || row.org_unit.startsWith(`${unit}/`);

  it('are all of them without filters, and for the root', async () => {
    const all = where(() => true);
    assert.equal(all.length, 24);
    assert.deepEqual(await meant({}), all);
    assert.deepEqual(await meant({ include: { orgUnits: ['/'] } }), all);
  });

  it('are those of a unit and of all units below it, whatever characters its name has', async () => {
    for (const unit of ['/Workloads/Production', '/Sandbox/<b>R&D</b>', '/Sandbox/Labs, "East"']) {
      const wanted = where(below(unit));
      assert.ok(wanted.length > 0);
      assert.deepEqual(await meant({ include: { orgUnits: [unit] } }), wanted, unit);
    }
  });

  it('fit every field of include, by any of its values', async () => {
    assert.deepEqual(
      await meant({
        include: { orgUnits: ['/Workloads', '/Infrastructure'], accountRoles: ['production', 'tooling'] },
      }),
      where(
        (row) =>
          (below('/Workloads')(row) || below('/Infrastructure')(row)) &&
          ['production', 'tooling'].includes(row.account_role),
      ),
    );
    assert.deepEqual(await meant({ include: { owners: ['O\'Neil, "Pat"', 'Jürgen Müller'] } }), [
      ...where(({ owner }) => owner === 'O\'Neil, "Pat"' || owner === 'Jürgen Müller'),
    ]);
  });

  it('fit no field of exclude, which wins', async () => {
    const polo = idOf('polo');
    assert.deepEqual(
      await meant({
        include: { orgUnits: ['/Workloads', '/Infrastructure'] },
        exclude: {
          accountIds: [polo],
          orgUnits: ['/Workloads/Production/Europe'],
          accountRoles: ['development'],
          owners: ['payments@example.com'],
        },
      }),
      where(
        (row) =>
          (below('/Workloads')(row) || below('/Infrastructure')(row)) &&
          row.account_id !== polo &&
          !below('/Workloads/Production/Europe')(row) &&
          row.account_role !== 'development' &&
          row.owner !== 'payments@example.com',
      ),
    );
  });

  it('may be none, which is not complete', async () => {
    for (const filters of [
      { include: { owners: ['nobody@example.com'] } },
      { include: { accountIds: [idOf('polo')] }, exclude: { accountIds: [idOf('polo')] } },
    ]) {
      const { matched, succeeded, failed, skipped, complete, unmatched } = await collect(polo, filters);
      assert.deepEqual(
        { matched, succeeded, failed, skipped, complete, unmatched },
        { matched: 0, succeeded: 0, failed: 0, skipped: 0, complete: false, unmatched: [] },
      );
    }
  });

  it('do not include ids and units that do not exist, which are told', async () => {
    const { matched, succeeded, complete, unmatched } = await collect(polo, {
      include: { accountIds: [idOf('polo'), UNKNOWN], orgUnits: ['/Infrastructure', '/Infra', '/Workloads/Prod'] },
      exclude: { accountIds: ['888888888888'], orgUnits: ['/workloads'] },
    });
    assert.deepEqual([matched, succeeded, complete], [1, 1, false]);
    assert.deepEqual(unmatched, [UNKNOWN, '888888888888', '/Infra', '/Workloads/Prod', '/workloads']);
  });

  it('may be named by the thousand', async () => {
    const named = Array.from({ length: 4_999 }, (_, index) => String(700_000_000_000 + index));
    const result = await collect(polo, {
      include: { accountIds: [...named, idOf('polo')] },
      exclude: { accountIds: named },
      recordScans: false,
    });
    assert.deepEqual([result.matched, result.succeeded, result.complete], [1, 1, false]);
    assert.deepEqual(result.unmatched, named);
  });

  it('are not those that left the organization', async () => {
    const gone = idOf('log-archive');
    await polo.change(gone, { gone: true });
    await polo.discover();
    assert.ok(!(await meant({ include: { orgUnits: ['/'] } })).includes(gone));
    const { matched, unmatched } = await collect(polo, { include: { accountIds: [gone] } });
    assert.deepEqual([matched, unmatched], [0, [gone]]);
  });

  describe('have to be told in a way that is understood', () => {
    const wrong: [what: string, input: object, words: RegExp][] = [
      ['an unknown field', { dryRun: true }, /unknown field "dryRun"/],
      ['an unknown field of a filter', { include: { orgUnit: '/' } }, /include: unknown field "orgUnit"/],
      ['an empty list', { exclude: { owners: [] } }, /exclude\.owners: expected at least one entry, got \[\]/],
      [
        'an id that is none',
        { include: { accountIds: ['42'] } },
        /include\.accountIds\.0: expected the 12 digits .* "42"/,
      ],
      [
        'a number for an id',
        { include: { accountIds: [123456789012] } },
        /include\.accountIds\.0: expected string, got 1/,
      ],
      [
        'a path that is none',
        { include: { orgUnits: ['Workloads'] } },
        /include\.orgUnits\.0: expected the path of an/,
      ],
      ['no workflow type', { workflowType: ' ' }, /workflowType: expected some text/],
      ['too many at a time', { maxConcurrent: 201 }, /maxConcurrent: expected at most 200, got 201/],
      ['no time', { accountTimeoutSeconds: 0 }, /accountTimeoutSeconds: expected at least 1, got 0/],
      ['an input over 64 KiB', { input: 'ü'.repeat(32 * 1024) }, /input: expected at most 64 KiB as JSON, got "ü/],
    ];
    for (const [what, input, words] of wrong) {
      it(`and not with ${what}`, async () => {
        await assert.rejects(
          polo.run('collectAcrossAccounts', { workflowType: 'collectCosts', taskQueue: COLLECTORS, ...input }),
          (error: Error) => {
            assert.match(error.message, /^InvalidInput: collectAcrossAccounts: /);
            assert.match(error.message, words);
            assert.ok(Buffer.byteLength(error.message) < 1_000);
            return true;
          },
        );
      });
    }
  });
});

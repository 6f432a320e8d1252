/** Filters that name thousands: ClickHouse takes only 128 KiB in one parameter, and its refusal would be tried again for ever. */
import assert from 'node:assert/strict';
import { idOf, nodeOf, onEveryPlace, rowOf } from './support/clickhousePlaces.ts';

const UNIT = '/Workloads/Büro & "Labs"';
const OWNER = 'O\'Neil, "Pat" \\ Söhne';

/** Names like the one that fits, which is the last of them, to about 1 MB as JSON. */
const thousandsUpTo = (last: string): string[] => [
  ...Array.from({ length: 4_999 }, (_, index) => `${last}${"'".repeat(150)}${String(index)}`),
  last,
];

onEveryPlace('lists of thousands of names', (current) => {
  const ids = Array.from({ length: 10_000 }, (_, index) => idOf(index));

  beforeEach(async () => {
    const { registry } = current;
    for (const [id, owner] of [
      [idOf(9_999), OWNER],
      [idOf(10_001), 'others'],
    ] as const) {
      const row = rowOf(id, { owner, account_role: owner, org_unit: owner === OWNER ? UNIT : '/Sandbox' });
      await registry.writeAccount({ events: [], node: nodeOf(id), row });
    }
  });

  it('mean the accounts that fit the last of them', async () => {
    const { registry } = current;
    for (const filter of [
      { accountIds: ids },
      { orgUnits: thousandsUpTo(UNIT) },
      { owners: thousandsUpTo(OWNER) },
      { accountRoles: thousandsUpTo(OWNER) },
    ]) {
      const found = async (input: object): Promise<string[]> =>
        (await registry.selectTargets({ limit: 10, ...input })).targets.map(({ accountId }) => accountId);
      assert.deepEqual(await found({ include: filter }), [idOf(9_999)]);
      assert.deepEqual(await found({ exclude: filter }), [idOf(10_001)]);
    }
    const { accounts } = await registry.selectAccounts({ accountIds: ids, limit: 10 });
    assert.deepEqual(
      accounts.map(({ accountId }) => accountId),
      [idOf(9_999)],
    );
  });

  it('are told but for those that an account fits, in the order given', async () => {
    const units = thousandsUpTo(UNIT);
    assert.deepEqual(await current.registry.findUnmatched({ accountIds: ids, orgUnits: units }), [
      ...ids.slice(0, -1),
      ...units.slice(0, -1),
    ]);
  });
});

/** Onboardings beside everything else that changes accounts: nothing of what anybody did gets lost. */
import assert from 'node:assert/strict';
import type { AccountRow } from '../../domain/contract.ts';
import { cloudFormationCalls } from '../support/cloudFormationCalls.ts';
import {
  newAccount,
  onboard,
  onboardingEvents,
  operationsOn,
  setStackSet,
  startOnboardingPolo,
} from '../support/onboarding.ts';
import type { Polo, SandboxAccount } from '../support/polo.ts';
import { SCALE, TIMEOUT } from '../support/scale.ts';
import { statusBreaks } from '../support/statusChain.ts';
import { until } from '../support/waiting.ts';

/** Accounts of a round on which discovery, onboarding and verification meet. */
const NEWCOMERS = 6;

/** What a race wants an account to be in the end: columns, and how often the history tells something since the race began. */
interface Wanted {
  row: Partial<AccountRow>;
  events: Record<string, number>;
}

/** Discovers, onboards, verifies, excludes and includes at once. Returns what is to be found afterwards, by account. */
const race = async (polo: Polo, round: number): Promise<Map<string, Wanted>> => {
  const by = `race ${String(round)}`;
  const ou = `/Race ${String(round)}`;
  const exclude = (accountId: string) => polo.run('excludeAccount', { accountId, by, reason: 'test' });
  const include = (accountId: string) => polo.run('includeAccount', { accountId, by });
  const verify = (accountId: string) => polo.run('verifyAccount', { accountId });

  const ids = await Promise.all(Array.from({ length: NEWCOMERS }, () => newAccount(polo)));
  const others = (await polo.organization()).filter(({ id, expected }) => {
    return expected.polo_status === 'active' && !ids.includes(id);
  });
  const excluded = others.filter((_, index) => index % 2 === 0);
  const included = others.filter((_, index) => index % 2 === 1);
  await polo.discover({ accountIds: ids });
  await Promise.all([...excluded.map(({ id }) => include(id)), ...included.map(({ id }) => exclude(id))]);
  for (const id of ids) await polo.change(id, { name: `${id} in ${by}`, ou });

  const [discovery] = await Promise.all([
    polo.discover({ acceptRefusals: true }),
    ...ids.map((id) => onboard(polo, id)),
    ...ids.map(verify),
    ...excluded.map(({ id }) => exclude(id)),
    ...included.map(({ id }) => include(id)),
  ]);
  assert.deepEqual([discovery.complete, discovery.failures], [true, []]);

  const statuses = new Map((await polo.organization()).map(({ id, expected }) => [id, expected.polo_status]));
  const tableSays = (id: string) => ({ polo_status: statuses.get(id) as AccountRow['polo_status'] });
  const acted = ({ id }: SandboxAccount, kind: string, row: Partial<AccountRow>): [string, Wanted] => [
    id,
    { row, events: { [`${kind} by ${by}`]: 1 } },
  ];
  return new Map([
    ...ids.map((id): [string, Wanted] => [
      id,
      {
        row: { ...tableSays(id), account_name: `${id} in ${by}`, org_unit: ou, last_scan_error: '' },
        events: { renamed: 1, moved: 1, onboarding_started: 1, onboarding_succeeded: 1, discovered: 1 },
      },
    ]),
    ...excluded.map((account) =>
      acted(account, 'excluded', { polo_status: 'excluded', last_scan_error: `excluded by ${by}: test` }),
    ),
    ...included.map((account) => acted(account, 'included', tableSays(account.id))),
  ]);
};

/** What row or history of an account lack, in words. */
const losses = async (polo: Polo, row: AccountRow | undefined, [id, wanted]: [string, Wanted]): Promise<string[]> => {
  const history = await polo.history(id);
  const found = Object.entries(wanted.row).flatMap(([column, value]) => {
    const stored = row?.[column as keyof AccountRow];
    return stored === value ? [] : [`${column}: ${stored ?? 'nothing'} instead of ${value}`];
  });
  for (const [what, times] of Object.entries(wanted.events)) {
    const told = history.filter(({ kind, actor }) => what === kind || what === `${kind} by ${actor}`).length;
    if (told !== times) found.push(`${what}: ${String(told)} events instead of ${String(times)}`);
  }
  return [...found, ...statusBreaks(history, row)].map((text) => `${id} ${text}`);
};

describe('onboardings at the same moment as all else', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo();
    await polo.discover();
  });
  afterEach(() => polo.faults({}));
  after(() => polo.stop());

  it('leave every change standing, and deploy once, beside discovery, verification, exclusion and inclusion', async () => {
    // Verifications take long enough for others to come in between.
    await polo.faults({ rules: [{ service: 'sts', operation: 'AssumeRole', effect: 'latency', ms: 100 }] });
    for (let round = 1; round <= SCALE.races; round++) {
      const wanted = await race(polo, round);
      const rows = new Map((await polo.accounts()).map((row) => [row.account_id, row]));
      const lost = await Promise.all([...wanted].map((account) => losses(polo, rows.get(account[0]), account)));
      assert.deepEqual(lost.flat(), []);
      for (const [id, { row }] of wanted) {
        if (row.account_name === undefined) continue;
        assert.equal(rows.get(id)?.polo_status, 'active', id);
        assert.ok(rows.get(id)?.polo_read_role !== '' && rows.get(id)?.polo_action_role !== '', id);
        assert.deepEqual(
          (await operationsOn(polo, id)).map(({ by, status }) => `${by} ${status}`),
          ['caller SUCCEEDED'],
          id,
        );
      }
    }
  });

  it('leave an account excluded that somebody excludes while its roles are deployed', async () => {
    const accountId = await newAccount(polo);
    await setStackSet(polo, { operationSeconds: 3_600 });
    const onboarding = onboard(polo, accountId);
    onboarding.catch(() => undefined);
    await until(async () =>
      (await cloudFormationCalls(polo)).find(
        ({ operation, operationId }) =>
          operation === 'DescribeStackSetOperation' && operationId?.startsWith(`onboard-${accountId}-`),
      ),
    );
    await polo.run('excludeAccount', { accountId, by: 'ann', reason: 'not ours' });
    const [operation, ...more] = await operationsOn(polo, accountId);
    await polo.control('PATCH', `/operations/${operation?.operationId ?? ''}`, { status: 'SUCCEEDED' });
    await assert.rejects(onboarding, /^Error: Excluded: .*excluded by ann: not ours/);
    assert.deepEqual(more, []);
    const row = await polo.account(accountId);
    assert.deepEqual([row.polo_status, row.polo_read_role, row.polo_action_role], ['excluded', '', '']);
    assert.deepEqual(statusBreaks(await polo.history(accountId), row), []);
    assert.deepEqual(
      (await onboardingEvents(polo, accountId)).map(({ kind }) => kind),
      ['onboarding_started', 'onboarding_failed'],
    );
  });
});

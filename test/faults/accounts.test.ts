/** What becomes of accounts that change between discoveries; the dry run before tells it and writes nothing. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountRow, DiscoverAccountsResult } from '../../domain/contract.ts';
import { contentOf, idsByName, kindsOf, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';

/** By the account's name in the sandbox. */
const CHANGES: Record<string, object> = {
  'log-archive': { state: 'SUSPENDED' },
  'shop-checkout': { state: null, status: 'SUSPENDED' },
  network: { state: null, status: 'ACTIVE', name: 'network, renamed' },
  polo: { state: null, status: null },
  'old-website': { state: 'SOMETHING_NEW' },
  identity: { assumeRole: 'regionDisabled' },
  'search-production': { roles: { action: 'missing' } },
  'payments-production': { roles: { read: 'missing', action: 'missing' } },
  'abandoned-experiment': { state: 'ACTIVE' },
};

describe('accounts that change between two discoveries', function () {
  this.timeout(180_000);
  let polo: PoloOnServer;
  let idOf: (name: string) => string;
  let first: AccountRow[];
  let dry: DiscoverAccountsResult;
  let writtenByDryRun: Record<string, string[]>;
  let written: Record<string, string[]>;
  let result: DiscoverAccountsResult;
  let until: number;
  const row = (name: string): Promise<AccountRow> => polo.account(idOf(name));
  const excludedShortly = 'customer-support';
  const unchanged = 'legacy-billing';

  before(async () => {
    polo = await startPoloOnServer({ env: { POLO_ACCOUNT_TAGS: 'off' } });
    await polo.discover();
    first = await polo.accounts();
    idOf = await idsByName(polo);
    for (const [name, change] of Object.entries(CHANGES)) await polo.change(idOf(name), change);
    await polo.control('POST', '/accounts', { name: 'brand-new', id: '000000000042' });
    written = await polo.written();
    dry = await polo.discover({ dryRun: true });
    writtenByDryRun = await polo.written();
    until = Date.now() + 12_000;
    await polo.run('excludeAccount', {
      accountId: idOf(excludedShortly),
      reason: 'migration',
      by: 'ops',
      until: new Date(until).toISOString(),
    });
    result = await polo.discover();
  });
  after(() => polo.stop());

  it('are told by a dry run, which writes nothing at all', () => {
    assert.deepEqual(writtenByDryRun, written);
    const told = ({ changes }: DiscoverAccountsResult): string[] =>
      changes.map(({ accountId, from, to, reason }) => [accountId, from, to, reason].join()).sort();
    assert.deepEqual(
      told(dry),
      told(result).filter((change) => !change.startsWith(idOf(excludedShortly))),
    );
    assert.deepEqual([dry.complete, dry.listed, dry.new], [true, 25, 1]);
  });

  it('are excluded while suspended, by State or by the retired Status', async () => {
    for (const name of ['log-archive', 'shop-checkout']) {
      const { polo_status: status, last_scan_error: error, polo_read_role: role } = await row(name);
      assert.deepEqual([status, error, role], ['excluded', 'account is SUSPENDED', ''], name);
    }
  });

  it('are verified when they have only Status, neither, or a state that nobody knows', async () => {
    for (const name of ['network', 'polo', 'old-website']) assert.equal((await row(name)).polo_status, 'active', name);
    assert.equal((await row('network')).account_name, 'network, renamed');
  });

  it('come back by themselves when their state does', async () => {
    assert.equal((await row('abandoned-experiment')).polo_status, 'active');
  });

  it('lose access in their own words when STS is switched off in the region', async () => {
    const { polo_status: status, last_scan_error: error } = await row('identity');
    assert.equal(status, 'no_access');
    assert.match(error, /^read role refused: RegionDisabledException: STS is not activated/);
  });

  it('stay active without actions when only the action role is gone', async () => {
    const { polo_status: status, last_scan_error: error, ...roles } = await row('search-production');
    assert.equal(status, 'active');
    assert.match(error, /^action role refused: AccessDenied/);
    assert.deepEqual([roles.polo_read_role !== '', roles.polo_action_role], [true, '']);
  });

  it('keep their row as it was when nothing changed, CURRENT but refused ones too', async () => {
    const before = first.filter(({ account_id: id }) => id === idOf(unchanged));
    assert.equal(before[0]?.polo_status, 'no_access');
    assert.deepEqual([await row(unchanged)], before);
  });

  it('end an exclusion once when its time is over', async () => {
    await sleep(Math.max(0, until - Date.now()) + 100);
    await polo.discover();
    assert.equal((await row(excludedShortly)).polo_status, 'active');
    await polo.discover();
    const kinds = await kindsOf(polo, idOf(excludedShortly));
    assert.equal(kinds.filter((kind) => kind === 'exclusion_ended').length, 1);
  });

  it('stay without access on every later discovery, until the roles are back', async () => {
    const lost = await row('payments-production');
    assert.equal(lost.polo_status, 'no_access');
    assert.match(lost.last_scan_error, /^read role refused: AccessDenied/);
    assert.deepEqual([lost.polo_read_role, lost.polo_action_role], ['', '']);
    const kinds = await kindsOf(polo, lost.account_id);
    assert.deepEqual(kinds, ['discovered', 'status_changed', 'status_changed']);
    await polo.change(lost.account_id, { roles: { read: 'works', action: 'works' } });
    await polo.discover();
    const stored = first.filter(({ account_id: id }) => id === lost.account_id);
    assert.deepEqual(contentOf([await row('payments-production')]), contentOf(stored));
  });
});

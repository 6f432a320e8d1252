/** Listings that lie: broken off, shrunk, empty, forgetful, or another organization's. Nobody departs who didn't leave. */
import assert from 'node:assert/strict';
import type { AccountRow } from '../../domain/contract.ts';
import { callCounts, kindsOf, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import type { SandboxAccount } from '../support/polo.ts';

describe('a listing that lies', function () {
  this.timeout(180_000);
  let polo: PoloOnServer;
  let organization: SandboxAccount[];
  const at = (index: number): string => organization.at(index)?.id ?? '';
  const rowOf = (id: string): Promise<AccountRow> => polo.account(id);
  const departed = async (): Promise<string[]> =>
    (await polo.accounts())
      .filter((row) => row.last_scan_error === 'left the organization')
      .map((row) => row.account_id);

  before(async () => {
    // The patience with a failing page is 9 s instead of half an hour.
    polo = await startPoloOnServer({ accounts: 46, env: { POLO_TIME_SCALE: '0.005', POLO_ACCOUNT_TAGS: 'off' } });
    await polo.discover();
    organization = await polo.organization();
  });
  afterEach(() => polo.faults({}));
  after(() => polo.stop());

  it('makes nobody depart when a page fails for good, and what was listed is verified', async () => {
    await polo.change(at(5), { name: 'renamed' });
    await polo.change(at(-1), { gone: true });
    await polo.faults({ listing: { failAtPage: 3 } });
    const result = await polo.discover();
    assert.deepEqual([result.complete, result.departed, result.listed], [false, 0, 40]);
    assert.equal(result.failures[0]?.code, 'ListingFailed');
    assert.match(result.failures[0].message, /after 40 accounts/);
    assert.equal((await rowOf(at(5))).account_name, 'renamed');
    assert.deepEqual(await departed(), []);
    assert.equal((await kindsOf(polo)).at(-1), 'discovery_incomplete');
  });

  it('marks who really left, and keeps what else it knew of the account', async () => {
    const before = await rowOf(at(-1));
    const result = await polo.discover();
    assert.deepEqual([result.complete, result.departed, result.listed], [true, 1, 45]);
    assert.deepEqual(
      result.changes.map(({ accountId, to, reason }) => [accountId, to, reason]),
      [[at(-1), 'excluded', 'left the organization']],
    );
    const row = await rowOf(at(-1));
    assert.equal(row.polo_status, 'excluded');
    assert.deepEqual([row.polo_read_role, row.polo_action_role], ['', '']);
    assert.deepEqual([row.account_name, row.org_unit], [before.account_name, before.org_unit]);
    assert.equal((await polo.nodes()).get(at(-1))?.is_active, false);
  });

  it('verifies an account that only the listing forgot', async () => {
    await polo.change(at(-2), { listed: false, name: 'forgotten' });
    const result = await polo.discover();
    assert.deepEqual([result.complete, result.departed, result.listed], [true, 0, 45]);
    assert.equal((await rowOf(at(-2))).account_name, 'forgotten');
    assert.deepEqual(await departed(), [at(-1)]);
    await polo.change(at(-2), { listed: true });
  });

  it('makes nobody depart when it is empty, whatever number is accepted', async () => {
    const written = await polo.written();
    await polo.faults({ listing: { empty: true } });
    for (const input of [{}, { acceptDepartures: 45 }]) {
      const result = await polo.discover(input);
      assert.deepEqual([result.complete, result.departed, result.listed], [false, 0, 0]);
      assert.equal(result.failures[0]?.code, 'ListingShrunk');
      assert.match(
        result.failures[0].message,
        /^45 of 45 known accounts are missing from the listing of 0: nobody departs\. .*run discover again$/,
      );
    }
    const after = await polo.written();
    assert.deepEqual(after['aws_accounts'], written['aws_accounts']);
    assert.deepEqual(after['hierarchy_nodes'], written['hierarchy_nodes']);
  });

  it('makes nobody depart when over half is missing, unless their number is accepted', async () => {
    const gone = organization.slice(-26, -1).map(({ id }) => id);
    for (const id of gone) await polo.change(id, { gone: true });
    for (const input of [{}, { acceptDepartures: 24 }]) {
      const refused = await polo.discover(input);
      assert.deepEqual([refused.complete, refused.departed], [false, 0]);
      assert.equal(refused.failures[0]?.code, 'ListingShrunk');
      assert.match(refused.failures[0].message, /25 of 45 known accounts.*--accept-departures 25$/);
      assert.deepEqual(await departed(), [at(-1)]);
    }
    const accepted = await polo.discover({ acceptDepartures: 25 });
    assert.deepEqual([accepted.complete, accepted.departed, accepted.listed], [true, 25, 20]);
    assert.deepEqual((await departed()).sort(), [...gone, at(-1)].sort());
  });

  it('takes accounts back that return', async () => {
    await polo.change(at(-1), { gone: false });
    const result = await polo.discover();
    assert.deepEqual([result.complete, result.new], [true, 0]);
    assert.equal((await rowOf(at(-1))).polo_status, 'active');
    assert.equal((await polo.nodes()).get(at(-1))?.is_active, true);
    assert.deepEqual((await kindsOf(polo, at(-1))).slice(2), [
      'departed',
      'status_changed',
      'returned',
      'status_changed',
    ]);
  });

  it('fails the run when it is that of another organization, and touches nothing', async () => {
    const written = await polo.written();
    await polo.faults({ organizationId: 'o-someoneelse' });
    await assert.rejects(polo.discover(), /^Error: WrongOrganization: .*o-someoneelse/);
    const after = await polo.written();
    assert.deepEqual(after['aws_accounts'], written['aws_accounts']);
    assert.deepEqual(after['hierarchy_nodes'], written['hierarchy_nodes']);
    assert.equal((await kindsOf(polo)).at(-1), 'discovery_incomplete');
  });

  it('costs no call for tags when POLO_ACCOUNT_TAGS is off', async () => {
    assert.equal((await callCounts(polo))['organizations.ListTagsForResource'], undefined);
  });
});

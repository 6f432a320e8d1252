/** What a first discovery has to leave although something ended its worker in the middle. */
import assert from 'node:assert/strict';
import { DISCOVERY_WORKFLOW_ID, type AccountRow, type DiscoverAccountsResult } from '../../domain/contract.ts';
import { assertAsOrganizationSays, kindsOf } from './discovery.ts';
import type { Polo } from './polo.ts';
import { statusBreaks } from './statusChain.ts';
import { undone } from './versions.ts';

/** Ends a worker whose discovery is under way, and tells what was stored then; resolves when a worker is running again. */
type Disaster = () => Promise<AccountRow[]>;

/** Runs a first discovery through a disaster. Fails unless everything is as if nothing had happened. */
export const survives = async (polo: Polo, disaster: Disaster): Promise<void> => {
  const discovery = polo.discover();
  discovery.catch(() => undefined);
  const halfway = await disaster();
  await assertAllRight(polo, await discovery);
  assert.deepEqual(undone(halfway, await polo.accounts()), []);
};

/** Fails unless the discovery is under way: what comes after its end is no disaster. */
export const assertUnderWay = async (polo: Polo): Promise<void> => {
  const { status } = await polo.client.workflow.getHandle(DISCOVERY_WORKFLOW_ID).describe();
  assert.equal(status.name, 'RUNNING');
};

const assertAllRight = async (polo: Polo, result: DiscoverAccountsResult): Promise<void> => {
  const { length: all } = await polo.organization();
  assert.deepEqual(result.failures, []);
  const { complete, listed, failed, inconclusive } = result;
  assert.deepEqual(
    // How many are new as well: whoever goes on finds what the dead worker has written already.
    { complete, listed, new: result.new, failed, inconclusive },
    { complete: true, listed: all, new: all, failed: 0, inconclusive: 0 },
  );
  await assertAsOrganizationSays(polo);
  assert.deepEqual(await kindsOf(polo), ['management_account', 'discovery_completed']);
  const rows = await polo.accounts();
  const histories = await Promise.all(rows.map(({ account_id }) => polo.history(account_id)));
  const twice = histories.flatMap((history) => {
    const told = history.map(({ account_id, kind, to_status }) => `${account_id} ${kind} ${to_status}`);
    return told.filter((text, index) => told.indexOf(text) !== index);
  });
  assert.deepEqual(twice, []);
  assert.deepEqual(
    rows.flatMap((row, index) => statusBreaks(histories[index] ?? [], row)),
    [],
  );
};

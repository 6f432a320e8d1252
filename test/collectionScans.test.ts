/** What collectors leave in the registry: when an account was last scanned, and what still fails on it. */
import assert from 'node:assert/strict';
import type { AccountEvent } from '../domain/contract.ts';
import { collect, startCollector } from './support/collector.ts';
import type { Behaviour } from './support/collectorWorkflows.ts';
import { idsByName } from './support/discovery.ts';
import { startPolo, type Polo } from './support/polo.ts';

describe('what collectors leave of an account', function () {
  this.timeout(180_000);
  let polo: Polo;
  let stopCollector: () => Promise<void>;
  let idOf: (name: string) => string;
  before(async () => {
    polo = await startPolo({ env: { POLO_ACCOUNT_TAGS: 'off' } });
    stopCollector = await startCollector(polo);
    await polo.discover();
    idOf = await idsByName(polo);
  });
  after(async () => {
    await stopCollector();
    await polo.stop();
  });

  /** Runs a collector on one account, which fails with the message if there is one. */
  const scan = async (workflowType: string, id: string, message?: string): Promise<void> => {
    const behaviour: Behaviour[] = message === undefined ? [] : [{ does: 'throw', message }];
    const { succeeded, failed } = await collect(polo, {
      workflowType,
      include: { accountIds: [id] },
      input: Object.fromEntries(behaviour.map((does) => [id, does])),
    });
    assert.deepEqual([succeeded, failed], message === undefined ? [1, 0] : [0, 1]);
  };
  const errorOf = async (id: string): Promise<string> => (await polo.account(id)).last_scan_error;
  const lastScan = async (id: string): Promise<string> => (await polo.account(id)).last_successful_scan ?? 'never';
  const verify = (accountId: string): Promise<unknown> => polo.run('verifyAccount', { accountId });
  const scanEvents = async (id: string): Promise<Pick<AccountEvent, 'kind' | 'actor' | 'reason'>[]> =>
    (await polo.history(id))
      .filter(({ kind }) => kind.startsWith('scan_'))
      .map(({ kind, actor, reason }) => ({ kind, actor, reason }));

  it('is a failure by type, which only a success of that type ends, whatever others and verifications find', async () => {
    const id = idOf('payments-production');
    await scan('collectAssets', id, 'no role for assets');
    assert.deepEqual([await errorOf(id), await lastScan(id)], ['scan collectAssets: no role for assets', 'never']);

    await scan('collectCosts', id);
    const scanned = await lastScan(id);
    assert.notEqual(scanned, 'never');
    assert.equal(await errorOf(id), 'scan collectAssets: no role for assets');

    await scan('collectCosts', id, 'no table');
    const both = 'scan collectAssets: no role for assets; scan collectCosts: no table';
    assert.deepEqual([await errorOf(id), await lastScan(id)], [both, scanned]);
    await verify(id);
    assert.equal(await errorOf(id), both);

    await polo.change(id, { roles: { read: 'refused', action: 'refused' } });
    await verify(id);
    assert.match(await errorOf(id), /^read role refused: AccessDenied/);
    await polo.change(id, { roles: { read: 'works', action: 'works' } });
    await verify(id);
    assert.deepEqual([await errorOf(id), await lastScan(id)], [both, scanned]);

    await scan('collectAssets', id);
    assert.equal(await errorOf(id), 'scan collectCosts: no table');
    assert.ok((await lastScan(id)) > scanned);
    await scan('collectCosts', id, 'no table yet');
    assert.equal(await errorOf(id), 'scan collectCosts: no table yet');
    await scan('collectCosts', id);
    assert.equal(await errorOf(id), '');

    assert.deepEqual(await scanEvents(id), [
      { kind: 'scan_failed', actor: 'collectAssets', reason: 'no role for assets' },
      { kind: 'scan_failed', actor: 'collectCosts', reason: 'no table' },
      { kind: 'scan_recovered', actor: 'collectAssets', reason: 'was: no role for assets' },
      { kind: 'scan_failed', actor: 'collectCosts', reason: 'no table yet' },
      { kind: 'scan_recovered', actor: 'collectCosts', reason: 'was: no table yet' },
    ]);
  });

  it('is behind the reason of limited access, and is told once that is over', async () => {
    const id = idOf('data-platform-production');
    const limited = await errorOf(id);
    assert.match(limited, /^action role refused: /);
    await scan('collectCosts', id, 'no table');
    await scan('collectAssets', id);
    assert.equal(await errorOf(id), limited);
    assert.notEqual(await lastScan(id), 'never');
    await polo.change(id, { roles: { action: 'works' } });
    await verify(id);
    assert.equal(await errorOf(id), 'scan collectCosts: no table');
  });

  it('is nothing where it may not run: a skipped account keeps its row', async () => {
    const id = idOf('mobile-development');
    const before = await polo.account(id);
    const { matched, skipped } = await collect(polo, { include: { accountIds: [id] } });
    assert.deepEqual([matched, skipped], [1, 1]);
    assert.deepEqual(await polo.account(id), before);
  });
});

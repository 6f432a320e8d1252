/** Discovery while ClickHouse is away: it waits, loses nothing and writes nothing twice. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertAsOrganizationSays, startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { long } from '../support/scale.ts';

/** What happens to ClickHouse, and what it does at the end of that. */
const ABSENCES: Record<string, (clickhouse: PoloOnServer['clickhouse']) => Promise<void>> = {
  'is killed and comes back': async (clickhouse) => {
    await clickhouse.kill();
    await sleep(long ? 20_000 : 3_000);
    await clickhouse.start();
  },
  // Longer than a write may take before its account goes on without it, than the client waits for an answer, and than
  // both together for accounts that begin within the first seconds.
  'is frozen and wakes up': async (clickhouse) => {
    const pid = clickhouse.pid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    await sleep(26_000);
    process.kill(pid, 'SIGCONT');
  },
};

for (const [happens, away] of Object.entries(ABSENCES)) {
  describe(`discovery while ClickHouse ${happens}`, function () {
    this.timeout(180_000);
    let polo: PoloOnServer;
    before(async () => {
      polo = await startPoloOnServer({ accounts: 60 });
    });
    after(() => polo.stop());

    it('ends complete and right, with one event per account', async () => {
      await polo.faults({ rules: [{ service: 'sts', effect: 'latency', ms: 300 }] });
      const running = polo.discover();
      while ((await polo.database.readLines('rows', 'SELECT 1 FROM polo.aws_accounts LIMIT 1')).length === 0)
        await sleep(20);
      await away(polo.clickhouse);
      const result = await running;

      assert.deepEqual([result.complete, result.listed, result.new, result.failures], [true, 60, 60, []]);
      await assertAsOrganizationSays(polo);
      const events = await polo.database.read<{ account_id: string; kind: string; n: string }>(
        'events',
        `SELECT account_id, kind, toString(count()) AS n FROM polo.aws_account_events FINAL GROUP BY account_id, kind`,
      );
      assert.deepEqual(
        events.filter(({ n }) => n !== '1'),
        [],
      );
      assert.equal(events.filter(({ kind }) => kind === 'discovered').length, 60);

      const { recent } = await polo.control<{ recent: Record<string, string>[] }>('GET', '/calls?recent=10000');
      const asked = recent.filter(({ operation }) => operation === 'AssumeRole');
      const roles = new Set(asked.map(({ accountId = '', roleName = '' }) => `${accountId}/${roleName}`));
      assert.equal(asked.length, roles.size, 'what was seen of a role is not asked again for want of ClickHouse');
    });
  });
}

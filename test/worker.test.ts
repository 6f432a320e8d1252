import assert from 'node:assert/strict';
import { freePort } from '../local/ports.ts';
import { startPoloOnServer, type PoloOnServer } from './support/discovery.ts';
import { startPolo, type Polo } from './support/polo.ts';
import { SECRETS } from './support/secrets.ts';
import { startRefusingTemporal } from './support/refusingTemporal.ts';

describe('a worker that cannot start', function () {
  this.timeout(60_000);
  let polo: Polo;
  before(async () => {
    polo = await startPolo({ accounts: 3, worker: false });
  });
  after(() => polo.stop());

  it('tells all problems of its environment at once, without secrets, and exits with 2', async () => {
    const worker = await polo.startWorker(
      {
        POLO_ENV: 'Production!',
        POLO_STS_RATE: 'fast',
        CLICKHOUSE_URL: 'http://polo:correcthorse@127.0.0.1:8123',
        POLO_STATUS_ADDRESS: '0.0.0.0:8321',
      },
      false,
    );
    assert.equal(await worker.ended, 2);
    const log = await worker.log();
    for (const variable of ['POLO_ENV', 'POLO_STS_RATE', 'CLICKHOUSE_URL', 'POLO_STATUS_TOKEN']) {
      assert.match(log, new RegExp(`^${variable}: expected .+`, 'm'));
    }
    assert.doesNotMatch(log, new RegExp(SECRETS.password));
  });

  it('exits with 3 when no Temporal server answers, and names the address', async () => {
    const address = `127.0.0.1:${String(await freePort(0))}`;
    const worker = await polo.startWorker({ TEMPORAL_ADDRESS: address }, false);
    assert.equal(await worker.ended, 3);
    assert.match(await worker.log(), new RegExp(`expected a Temporal server at ${address}`));
  });

  it('exits with 2 when Temporal refuses its credentials, and says which are meant', async () => {
    const refusing = await startRefusingTemporal('Request unauthorized.');
    const worker = await polo.startWorker({ TEMPORAL_ADDRESS: refusing.address }, false);
    assert.equal(await worker.ended, 2);
    refusing.stop();
    const log = await worker.log();
    assert.match(log, /TEMPORAL_API_KEY, TEMPORAL_TLS_\*: expected credentials .+ says: Request unauthorized\./);
    assert.doesNotMatch(log, /trying on/);
  });

  it('exits with 2 when the namespace does not exist', async () => {
    const worker = await polo.startWorker({ TEMPORAL_NAMESPACE: 'nowhere' }, false);
    assert.equal(await worker.ended, 2);
    assert.match(await worker.log(), /TEMPORAL_NAMESPACE: expected a namespace of the server, got "nowhere"/);
  });

  it('exits with 2 when its status address is taken', async () => {
    const taken = new URL(polo.sandboxUrl).host;
    const worker = await polo.startWorker({ POLO_STATUS_ADDRESS: taken }, false);
    assert.equal(await worker.ended, 2);
    assert.match(await worker.log(), new RegExp(`expected ${taken} to be free`));
  });

  it('exits with 2 when another worker uses the same embedded data, and says what to do', async () => {
    const first = await polo.startWorker();
    const second = await polo.startWorker({}, false);
    assert.equal(await second.ended, 2);
    assert.match(await second.log(), /RegistryLocked/);
    assert.match(await second.log(), /CLICKHOUSE_URL/);
    assert.equal(await first.signal('SIGTERM'), 0);
  });
});

describe('a worker on a ClickHouse server', function () {
  this.timeout(60_000);
  let polo: PoloOnServer;
  before(async () => {
    polo = await startPoloOnServer({ accounts: 3, worker: false });
  });
  after(() => polo.stop());

  it('lists every difference of a table and alters nothing', async () => {
    const { database } = polo;
    const describe = (): Promise<unknown[]> =>
      database.read(
        'columns',
        `SELECT name, type FROM system.columns WHERE database = 'other' AND table = 'aws_accounts'`,
      );
    await database.run('database', 'CREATE DATABASE other');
    await database.run(
      'table',
      `CREATE TABLE other.aws_accounts (account_id UInt64, account_name String, team String)
       ENGINE = MergeTree ORDER BY account_name`,
    );
    const before = await describe();
    const worker = await polo.startWorker({ CLICKHOUSE_DATABASE: 'other' }, false);
    assert.equal(await worker.ended, 2);
    const log = await worker.log();
    for (const difference of [/account_id.*UInt64/, /MergeTree/, /\bteam\b/, /polo_status/, /account_name/]) {
      assert.match(log, difference);
    }
    assert.deepEqual(await describe(), before);
  });

  it('runs beside a second one, and each ends cleanly on SIGTERM', async () => {
    const workers = [await polo.startWorker(), await polo.startWorker()];
    const result = await polo.discover();
    assert.equal(result.complete, true);
    assert.deepEqual(await Promise.all(workers.map((worker) => worker.signal('SIGTERM'))), [0, 0]);
  });

  it('exits with 2 on a wrong password, without telling it', async () => {
    const worker = await polo.startWorker({ CLICKHOUSE_PASSWORD: 'wrong-password' }, false);
    assert.equal(await worker.ended, 2);
    assert.match(await worker.log(), /RegistryRejected/);
    assert.doesNotMatch(await worker.log(), /wrong-password/);
  });
});

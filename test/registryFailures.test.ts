import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistryActivities } from '../activities/registry.ts';
import { openDatabase } from '../registry/client.ts';
import { openRegistry } from '../registry/registry.ts';
import { idOf, nodeOf, rowOf } from './support/clickhousePlaces.ts';
import { startClickHouse } from './support/clickhouseServer.ts';

const ID = idOf(1);

describe('registry on a server that is not as it should be', () => {
  const worker = { user: 'worker', password: 'hunter2222' };

  it('names what is wrong and never the password', async () => {
    const server = await startClickHouse(worker);
    try {
      const url = server.url.replace('//', '//worker:hunter2222@');
      for (const wrong of [
        { url: server.url, password: 'hunter3333' },
        { url },
        { url: `${server.url}/?password=hunter2222` },
      ]) {
        await assert.rejects(openRegistry({ database: 'polo', ...worker, ...wrong }), (error: Error) => {
          assert.equal('code' in error && error.code, 'RegistryRejected');
          assert.match(error.message, /AUTHENTICATION_FAILED|CLICKHOUSE_URL: expected/);
          assert.doesNotMatch(`${error.message} ${error.stack ?? ''}`, /hunter/);
          return true;
        });
      }
      const database = await openDatabase({ database: 'polo', url: server.url, ...worker });
      await assert.rejects(database.read('a table', `SELECT ${worker.password}`), (error: Error) => {
        assert.match(error.message, /^reading a table: ClickHouse answered UNKNOWN_IDENTIFIER: .*\*\*\*/);
        assert.doesNotMatch(error.message, /hunter/);
        return true;
      });
      await database.close();
    } finally {
      await server.stop();
    }
  });

  it('is unavailable while the server is down, and works again after it', async () => {
    const server = await startClickHouse(worker);
    const registry = await openRegistry({ database: 'polo', url: server.url, ...worker });
    try {
      await registry.writeAccount({ events: [], node: nodeOf(ID), row: rowOf(ID) });
      await server.kill();
      const down = { code: 'RegistryUnavailable', message: /no answer from ClickHouse: .*ECONNREFUSED|socket hang up/ };
      await assert.rejects(registry.ping(), down);
      await assert.rejects(registry.loadAccount(ID), down);
      await assert.rejects(openRegistry({ database: 'polo', url: server.url, ...worker }), down);
      await assert.rejects(createRegistryActivities(registry).readNode(ID), { nonRetryable: false, type: down.code });
      await server.start();
      assert.deepEqual((await registry.loadAccount(ID)).row, rowOf(ID));
    } finally {
      await registry.close();
      await server.stop();
    }
  });
});

describe('registry in an embedded directory', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'polo-registry-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));

  /** Opens the directory in a process of its own and returns the code and message of its refusal. */
  const openElsewhere = (...nodeOptions: string[]): string => {
    const script = `import { openRegistry } from './registry/registry.ts';
      await openRegistry({ database: 'polo', dataDir: process.argv[1] }).then(
        () => console.log('opened'), (error) => console.log(error.code, error.message));`;
    const { stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', ...nodeOptions, '--input-type=module', '--eval', script, dataDir],
      { encoding: 'utf8', cwd: join(import.meta.dirname, '..') },
    );
    return stdout;
  };

  it('tells a second process that the directory is in use, by whom, and what to do', async () => {
    const registry = await openRegistry({ database: 'polo', dataDir });
    try {
      const refusal = openElsewhere();
      assert.match(refusal, /^RegistryLocked .*another worker uses it/);
      assert.ok(refusal.includes(`(process ${String(process.pid)})`) && refusal.includes('CLICKHOUSE_URL'), refusal);
      await registry.ping();
    } finally {
      await registry.close();
    }
  });

  it('says that the package of the embedded engine is missing, and what to do', () => {
    const hooks = `export const resolve = (name, context, next) => name === 'chdb/connection'
      ? Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })) : next(name, context);`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;
    const refusal = openElsewhere('--import', dataUrl(register));
    assert.match(refusal, /^RegistryRejected the embedded registry needs the optional package chdb .*CLICKHOUSE_URL/);
  });

  it('refuses a directory that cannot be made', async () => {
    await assert.rejects(openRegistry({ database: 'polo', dataDir: join(import.meta.filename, 'x') }), {
      code: 'RegistryRejected',
      message: /^POLO_DATA_DIR: expected a directory to write to/,
    });
  });

  it('allows one directory in a process', async () => {
    const registry = await openRegistry({ database: 'polo', dataDir });
    try {
      await assert.rejects(openRegistry({ database: 'polo', dataDir: join(dataDir, 'other') }), {
        code: 'RegistryRejected',
        message: /this process already uses another embedded registry/,
      });
    } finally {
      await registry.close();
    }
  });
});

const dataUrl = (script: string): string => `data:text/javascript,${encodeURIComponent(script)}`;

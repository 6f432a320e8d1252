/** The command that an image's HEALTHCHECK runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { healthRoutes } from '../../worker/probes.ts';
import { startStatusServer, type StatusServer } from '../../worker/statusServer.ts';

const PROGRAM = fileURLToPath(new URL('../../worker/healthcheck.ts', import.meta.url));

const check = (env: Record<string, string>): Promise<{ code: number; stderr: string }> =>
  new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], POLO_ENV: 'test', ...env } };
    execFile(process.execPath, ['--import', 'tsx', PROGRAM], options, (error, _, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });

describe('the health check', function () {
  this.timeout(60_000);
  let server: StatusServer;
  before(async () => {
    const routes = healthRoutes(() => Promise.resolve('starting'));
    server = await startStatusServer({ host: '127.0.0.1', port: 0, hosts: ['0.0.0.0'], token: 'hush', routes });
  });
  after(() => server.close());

  const port = (): string => server.address.replace(/^.*:/, '');

  it('is content with a worker that is up, ready or not', async () => {
    assert.deepEqual(await check({ POLO_STATUS_ADDRESS: server.address }), { code: 0, stderr: '' });
  });

  it('finds a worker that listens at all addresses, and needs no token', async () => {
    const env = { POLO_STATUS_ADDRESS: `0.0.0.0:${port()}`, POLO_STATUS_TOKEN: 'hush' };
    assert.deepEqual(await check(env), { code: 0, stderr: '' });
  });

  it('is content where there is no page to ask', async () => {
    assert.deepEqual(await check({ POLO_STATUS_ADDRESS: 'none' }), { code: 0, stderr: '' });
  });

  it('tells in one line why it is not: nobody answers, or somebody else does', async () => {
    const nobody = await check({ POLO_STATUS_ADDRESS: '127.0.0.1:9' });
    assert.deepEqual(nobody, { code: 1, stderr: 'not healthy: connect ECONNREFUSED 127.0.0.1:9\n' });
    const other = await startStatusServer({ host: '127.0.0.1', port: 0, hosts: [], routes: [] });
    const somebody = await check({ POLO_STATUS_ADDRESS: other.address });
    await other.close();
    assert.deepEqual(somebody, { code: 1, stderr: 'not healthy: /healthz: expected HTTP 200, got 404\n' });
  });

  it('tells what is wrong with the environment', async () => {
    const { code, stderr } = await check({ POLO_ENV: 'Production!' });
    assert.equal(code, 1);
    assert.match(stderr, /^not healthy: POLO_ENV: expected /);
  });
});

import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders } from 'node:http';
import { healthRoutes } from '../../worker/probes.ts';
import { startStatusServer, type StatusServer } from '../../worker/statusServer.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** fetch would not let us choose the Host header. */
const ask = (
  server: StatusServer,
  path: string,
  options: { method?: string; host?: string; authorization?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const [hostname, port] = server.address.split(/:(?=\d+$)/);
    const { method = 'GET', host = server.address, ...others } = options;
    const sent = request({ hostname, port, path, method, headers: { host, ...others }, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.on('error', reject);
    sent.end();
  });

describe('the status server', () => {
  let server: StatusServer;
  let ready: () => Promise<string | undefined>;

  before(async () => {
    const routes = [
      ...healthRoutes(() => ready()),
      {
        path: /\/accounts\/(\d{12})/,
        answer: (url: URL, match: RegExpExecArray) => ({
          status: 200,
          headers: { 'content-type': 'application/json', 'cache-control': 'max-age=1' },
          body: JSON.stringify([match[1], url.searchParams.get('after')]),
        }),
      },
      {
        path: /\/broken/,
        answer: () => {
          throw new Error('the registry said: hush');
        },
      },
    ];
    server = await startStatusServer({ host: '127.0.0.1', port: 0, hosts: ['polo.example.com', 'polo:8080'], routes });
  });
  beforeEach(() => {
    ready = () => Promise.resolve(undefined);
  });
  after(() => server.close());

  it('is alive as long as the process is', async () => {
    ready = () => Promise.resolve('registry away');
    const { status, body } = await ask(server, '/healthz');
    assert.deepEqual([status, body], [200, 'ok\n']);
  });

  it('is ready when the worker is', async () => {
    assert.equal((await ask(server, '/readyz')).status, 200);
  });

  it('is not ready when the worker is not, and does not say why', async () => {
    ready = () => Promise.resolve('registry at 10.0.0.7 away');
    const { status, body } = await ask(server, '/readyz');
    assert.deepEqual([status, body], [503, 'not ready\n']);
  });

  it('is not ready when readiness cannot be told', async () => {
    ready = () => Promise.reject(new Error('hush'));
    const { status, body } = await ask(server, '/readyz');
    assert.deepEqual([status, body], [503, 'not ready\n']);
  });

  it('asks once for many probes at the same time', async () => {
    const answers: ((reason: string | undefined) => void)[] = [];
    const [, readyz] = healthRoutes(() => new Promise((resolve) => answers.push(resolve)));
    const match = readyz?.path.exec('/readyz');
    assert(match);
    const probe = async () => readyz?.answer(new URL('http://status/readyz'), match);
    const probes = [probe(), probe(), probe()];
    assert.equal(answers.length, 1);
    answers[0]?.(undefined);
    assert.deepEqual(
      (await Promise.all(probes)).map((reply) => reply?.status),
      [200, 200, 200],
    );
    void probe();
    assert.equal(answers.length, 2);
    answers[1]?.(undefined);
  });

  it('gives routes what their pattern matched, and the query', async () => {
    const { status, body } = await ask(server, '/accounts/111122223333?after=x');
    assert.deepEqual([status, body], [200, '["111122223333","x"]']);
  });

  it('protects every answer, and lets a route choose its own headers', async () => {
    for (const path of ['/healthz', '/accounts/111122223333', '/nowhere']) {
      const { headers } = await ask(server, path);
      assert.match(
        String(headers['content-security-policy']),
        /^default-src 'none'; style-src 'self'; .*base-uri 'none'; frame-ancestors 'none'$/,
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cache-control'], path.startsWith('/accounts') ? 'max-age=1' : 'no-store');
    }
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await ask(server, '/healthz', { method: 'HEAD' });
    assert.deepEqual([status, headers['content-length'], body], [200, '3', '']);
  });

  it('allows GET and HEAD only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask(server, '/healthz', { method });
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    }
  });

  it('knows no other path, nor parts of one', async () => {
    for (const path of [
      '/',
      '/healthz/',
      '/healthzz',
      '/x/healthz',
      '/accounts/1',
      '//healthz',
      '//evil.com/healthz',
      '/\\evil.com/healthz',
      '/%',
    ]) {
      assert.equal((await ask(server, path)).status, 404, path);
    }
  });

  it('answers to its own names only', async () => {
    const [, port = ''] = server.address.split(':');
    const own = [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`];
    for (const host of [...own, 'polo.example.com', 'polo.example.com:8443', 'polo:8080']) {
      assert.equal((await ask(server, '/healthz', { host })).status, 200, host);
    }
    for (const host of ['evil.example.com', `evil.example.com:${port}`, 'localhost:1', 'polo', 'polo:1']) {
      assert.equal((await ask(server, '/healthz', { host })).status, 421, host);
    }
  });

  it('takes URLs of up to 8 KB', async () => {
    assert.equal((await ask(server, `/healthz?${'x'.repeat(8_000)}`)).status, 200);
    assert.equal((await ask(server, `/healthz?${'x'.repeat(8_192)}`)).status, 414);
    assert.equal((await ask(server, `/healthz?${'x'.repeat(30_000)}`)).status, 414);
  });

  it('tells nothing of what broke', async () => {
    const { status, body } = await ask(server, '/broken');
    assert.deepEqual([status, body], [500, 'internal error\n']);
  });

  it('asks for the token, if there is one, on every path but those that tell nothing', async () => {
    const guarded = await startStatusServer({
      host: '127.0.0.1',
      port: 0,
      hosts: [],
      token: 's3cret',
      routes: [...healthRoutes(() => ready()), { path: /\/x/, answer: () => ({ status: 200, body: 'x' }) }],
    });
    try {
      for (const path of ['/x', '/nowhere', '/healthz/..%2fx', '/%']) {
        const { status, headers, body } = await ask(guarded, path);
        assert.deepEqual([status, headers['www-authenticate']], [401, 'Basic realm="Polo accounts", charset="UTF-8"']);
        assert.doesNotMatch(body, /s3cret/);
      }
      const basic = `Basic ${Buffer.from('kim:s3cret').toString('base64')}`;
      for (const authorization of ['Bearer s3cret', basic]) {
        assert.equal((await ask(guarded, '/x', { authorization })).body, 'x');
        assert.equal((await ask(guarded, '/nowhere', { authorization })).status, 404);
      }
      assert.equal((await ask(guarded, '/x', { authorization: 'Bearer wrong' })).status, 401);
      for (const path of ['/healthz', '/readyz']) assert.equal((await ask(guarded, path)).status, 200);
    } finally {
      await guarded.close();
    }
  });

  it('says so when somebody else listens there', async () => {
    const port = Number(server.address.split(':')[1]);
    await assert.rejects(startStatusServer({ host: '127.0.0.1', port, hosts: [], routes: [] }), {
      code: 'AddressInUse',
      message:
        `expected 127.0.0.1:${String(port)} to be free for the status page, but somebody listens there. ` +
        'Next: stop that one, or set POLO_STATUS_ADDRESS',
    });
  });
});

/** The page as a worker serves it: what it answers, to whom, and under which load. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountRow, Coverage } from '../domain/contract.ts';
import { freePort } from '../local/ports.ts';
import { openRegistry } from '../registry/registry.ts';
import { eventOf, idOf, nodeOf, rowOf } from './support/clickhousePlaces.ts';
import { startPoloOnServer, type PoloOnServer } from './support/discovery.ts';
import { discoveryAt } from './support/pageStory.ts';
import { startPolo, type Polo, type WorkerProcess } from './support/polo.ts';

interface Answer {
  status: number;
  type: string;
  body: string;
}

interface AccountsPage {
  accounts: AccountRow[];
  total: number;
  next?: string;
}

/** fetch would tidy up the path, and set Host itself. */
const ask = (
  worker: WorkerProcess,
  path: string,
  { method = 'GET', ...headers }: { method?: string; host?: string; authorization?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(worker.statusUrl);
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      );
    });
    sent.on('error', reject).end();
  });

const json = async <Body>(worker: WorkerProcess, path: string): Promise<Body> => {
  const { status, type, body } = await ask(worker, path);
  assert.deepEqual([status, type], [200, 'application/json; charset=utf-8'], body);
  return JSON.parse(body) as Body;
};

describe('the page of a worker', function () {
  this.timeout(60_000);
  let polo: Polo;
  let worker: WorkerProcess;
  before(async () => {
    polo = await startPolo({ worker: false });
    worker = await polo.startWorker();
  });
  after(() => polo.stop());

  it('says that no discovery ever ran, rather than that all is well', async () => {
    const { status, body } = await ask(worker, '/');
    assert.equal(status, 200);
    assert.match(body, /role="alert"/);
    assert.match(body, /No discovery has ever completed/);
    assert.equal((await json<Coverage>(worker, '/coverage.json')).status, 'never_ran');
  });

  describe('after a discovery', () => {
    before(async () => {
      assert.equal((await polo.discover()).complete, true);
    });

    it('shows coverage, every account, and instructions for those that are pending', async () => {
      const { status, body } = await ask(worker, '/');
      assert.equal(status, 200);
      assert.match(body, /of 21 accounts are not covered/);
      assert.match(body, /1–24 of 24 accounts/);
      for (const { id } of await polo.organization()) assert(body.includes(`/accounts/${id}`), id);
      assert.equal(body.match(/<summary>How to set it up/g)?.length, 5);
      assert.match(body, /&lt;script>alert\(&quot;polo&quot;\)&lt;\/script>/);
      assert.doesNotMatch(body, /<script/);
    });

    it('has a page for each account, with its history, and none for others', async () => {
      for (const { id } of await polo.organization()) {
        const { status, body } = await ask(worker, `/accounts/${id}`);
        assert.equal(status, 200);
        assert.match(body, /<h2 id="history-heading">History/);
        assert.match(body, /discovered/);
      }
      const { status, type, body } = await ask(worker, '/accounts/999999999999');
      assert.deepEqual([status, type], [404, 'text/html; charset=utf-8']);
      assert.match(body, /Polo knows no account 999999999999/);
    });

    it('gives programs the coverage that the command line gives', async () => {
      const timeless = (coverage: Coverage): Coverage => ({ ...coverage, generatedAt: '' });
      const before = timeless(await json<Coverage>(worker, '/coverage.json'));
      const { stdout } = await polo.cli('coverage', '--json');
      const told = timeless(JSON.parse(stdout) as Coverage);
      const after = timeless(await json<Coverage>(worker, '/coverage.json'));
      // A minute may have passed between two of them, which the sentence tells.
      assert.deepEqual(told, told.sentence === before.sentence ? before : after);
      assert.equal(told.gaps.length, 21);
    });

    it('gives programs the accounts that the command line gives, and pages and filters of them', async () => {
      const rows = JSON.parse((await polo.cli('accounts', '--json')).stdout) as AccountRow[];
      assert.deepEqual(await json<AccountsPage>(worker, '/accounts.json'), { accounts: rows, total: 24 });
      const first = await json<AccountsPage>(worker, '/accounts.json?limit=20');
      assert.deepEqual([first.accounts, first.total, first.next], [rows.slice(0, 20), 24, rows[19]?.account_id]);
      const rest = await json<AccountsPage>(worker, `/accounts.json?limit=20&after=${String(first.next)}`);
      assert.deepEqual(rest, { accounts: rows.slice(20), total: 24 });
      const pending = rows.filter((row) => row.polo_status === 'pending_setup');
      assert.deepEqual(await json<AccountsPage>(worker, '/accounts.json?status=pending_setup'), {
        accounts: pending,
        total: 5,
      });
      const gaps = await json<Coverage & { next?: string }>(worker, '/coverage.json?limit=4');
      assert.deepEqual([gaps.gaps.length + gaps.lesserGaps.length, typeof gaps.next], [4, 'string']);
    });

    it('refuses what nobody can ask for, and names it', async () => {
      const wrong: [string, RegExp][] = [
        ['/accounts.json?limit=0', /^limit: expected a whole number from 1 to 1000, got "0"$/],
        ['/accounts.json?limit=1001', /^limit: .* got "1001"$/],
        ['/accounts.json?limit=ten', /^limit: /],
        ['/accounts.json?after=1', /^after: expected .*12 digits, got "1"$/],
        [
          '/accounts.json?status=lost',
          /^status: expected one of active, pending_setup, no_access, excluded, got "lost"$/,
        ],
        ['/accounts.json?color=red', /^color: no such parameter$/],
        ['/coverage.json?status=active', /^status: no such parameter$/],
      ];
      for (const [path, expected] of wrong) {
        const { status, body } = await ask(worker, path);
        const { error } = JSON.parse(body) as { error: { code: string; message: string } };
        assert.deepEqual([status, error.code], [400, 'InvalidInput'], path);
        assert.match(error.message, expected);
      }
      for (const path of ['/?status=lost', '/?after=x', '/?x=1', '/accounts/000000000001?after=yesterday']) {
        const { status, type } = await ask(worker, path);
        assert.deepEqual([status, type], [400, 'text/html; charset=utf-8'], path);
      }
    });

    it('answers to its own names, to GET, and to known paths only', async () => {
      assert.equal((await ask(worker, '/', { host: 'evil.example.com' })).status, 421);
      assert.equal(
        (await ask(worker, '/', { host: `evil.example.com:${new URL(worker.statusUrl).port}` })).status,
        421,
      );
      for (const method of ['POST', 'PUT', 'DELETE']) assert.equal((await ask(worker, '/', { method })).status, 405);
      for (const path of [
        '/../../etc/passwd',
        '/..%2f..%2fetc%2fpasswd',
        '/%2e%2e/%2e%2e/etc/passwd',
        '/accounts/../../../etc/passwd',
        '/accounts/..%2f..%2fconfiguration.ts',
        '/style.css/../../configuration.js',
        '/style/base.css',
        '//etc/passwd',
        '/%00',
      ]) {
        assert.equal((await ask(worker, path)).status, 404, path);
      }
    });

    it('refuses long addresses: over 8,192 characters with 414, a megabyte with 431', async () => {
      assert.equal((await ask(worker, `/?q=${'x'.repeat(8_192)}`)).status, 414);
      const refused = await ask(worker, `/?q=${'x'.repeat(1_000_000)}`).catch((error: unknown) => error as Error);
      assert(refused instanceof Error || refused.status === 431, JSON.stringify(refused));
    });

    it('closes connections that send too slowly, and answers others meanwhile', async () => {
      const { hostname, port } = new URL(worker.statusUrl);
      const began = Date.now();
      const slow = Array.from({ length: 50 }, (_, index) => {
        const socket = connect(Number(port), hostname);
        if (index % 2 === 0) socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
        const drip = setInterval(() => socket.writable && index % 2 === 0 && socket.write('x-slow: y\r\n'), 500);
        socket.on('error', () => undefined).resume();
        return once(socket, 'close').then(() => {
          clearInterval(drip);
          return Date.now() - began;
        });
      });
      assert.equal((await ask(worker, '/')).status, 200);
      for (const time of await Promise.all(slow)) assert(time > 5_000 && time < 15_000, `${String(time)} ms`);
    });

    it('has more connections than slow clients can take', async () => {
      const { hostname, port } = new URL(worker.statusUrl);
      const slow = await Promise.all(
        Array.from({ length: 1_200 }, async () => {
          const socket = connect(Number(port), hostname).on('error', () => undefined);
          await once(socket, 'connect');
          socket.write('GET / HTTP/1.1\r\n');
          return socket;
        }),
      );
      assert.equal((await ask(worker, '/')).status, 200);
      assert.equal((await ask(worker, '/readyz')).status, 200);
      for (const socket of slow) socket.destroy();
    });
  });

  describe('with a token', () => {
    it('asks for the token where there is one, and never writes it down', async () => {
      assert.equal(await worker.signal('SIGTERM'), 0);
      const token = 'tok3n-of-the-tests';
      worker = await polo.startWorker({ POLO_STATUS_TOKEN: token });
      const basic = (password: string): string => `Basic ${Buffer.from(`kim:${password}`).toString('base64')}`;
      for (const path of [
        '/',
        '/coverage.json',
        '/accounts.json',
        '/accounts/000000000001',
        '/style.css',
        '/nowhere',
      ]) {
        assert.equal((await ask(worker, path)).status, 401, path);
        for (const authorization of ['Bearer wrong', basic('wrong'), basic('')]) {
          assert.equal((await ask(worker, path, { authorization })).status, 401, path);
        }
      }
      for (const authorization of [`Bearer ${token}`, basic(token)]) {
        assert.equal((await ask(worker, '/', { authorization })).status, 200);
      }
      for (const path of ['/healthz', '/readyz']) assert.equal((await ask(worker, path)).status, 200);
      assert.doesNotMatch(await polo.logs(), new RegExp(`${token}|${basic(token)}`));
    });
  });
});

describe('the page under load', function () {
  this.timeout(120_000);
  this.slow(30_000);

  it('answers 500 requests at once while a discovery runs, and does it no harm', async () => {
    const polo = await startPolo({ accounts: 240, worker: false });
    try {
      const worker = await polo.startWorker();
      // The last of them keeps the discovery waiting for AWS until the page has answered everybody.
      const late = (await polo.organization()).at(-1)?.id ?? '';
      await polo.faults({ rules: [{ operation: 'AssumeRole', accountId: late, effect: 'hang' }] });
      const discovery = polo.discover();
      let over = false;
      void discovery.finally(() => (over = true));
      while ((await json<{ total: number }>(worker, '/accounts.json?limit=1')).total < 50) await sleep(20);
      const [account] = await polo.organization();
      const paths = Array.from(
        { length: 500 },
        (_, index) =>
          [
            `/`,
            '/coverage.json',
            `/accounts/${account?.id ?? ''}`,
            `/?q=${String(index)}`,
            `/accounts.json?limit=${String(index + 1)}`,
          ][index % 5] ?? '/',
      );
      const began = Date.now();
      const answers = await Promise.all(paths.map((path) => ask(worker, path)));
      const took = Date.now() - began;
      assert.equal(over, false, 'the discovery ended before the last answer');
      await polo.faults({});
      assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200], `after ${String(took)} ms`);
      const result = await discovery;
      assert.deepEqual(
        { complete: result.complete, listed: result.listed, failed: result.failed, inconclusive: result.inconclusive },
        { complete: true, listed: 240, failed: 0, inconclusive: 0 },
      );
    } finally {
      await polo.stop();
    }
  });
});

describe('the page of 10,000 accounts', function () {
  this.timeout(120_000);
  this.slow(30_000);
  const ACCOUNTS = 10_000;
  let polo: Polo;
  let worker: WorkerProcess;

  before(async () => {
    polo = await startPolo({ worker: false });
    const registry = await openRegistry({ database: 'polo', dataDir: join(polo.folder, 'data') });
    const now = Date.now();
    const statuses = ['pending_setup', 'no_access', 'excluded'] as const;
    await Promise.all(
      Array.from({ length: ACCOUNTS }, (_, index) => {
        const id = idOf(index);
        // A third of them lacks access, so that the page has as much to tell as it ever may.
        const polo_status = statuses[index % 9] ?? 'active';
        const last_scan_error = polo_status === 'active' ? '' : 'read role refused: AccessDenied '.repeat(10);
        const discovered = { to_status: polo_status, at: new Date(now - index * 200_000).toISOString() };
        return registry.writeAccount({
          events: [eventOf(id, 'discovered', 0, discovered)],
          node: nodeOf(id),
          row: rowOf(id, { polo_status, last_scan_error, last_successful_scan: new Date(now).toISOString() }),
        });
      }),
    );
    await registry.appendEvents([discoveryAt(now)]);
    await registry.close();
    worker = await polo.startWorker();
  });
  after(() => polo.stop());

  it('is bounded, and says how many there are', async () => {
    const { status, body } = await ask(worker, '/');
    assert.equal(status, 200);
    assert(body.length < 500_000, `${String(body.length)} characters`);
    assert.match(body, /1–100 of 10,000 accounts/);
    assert.equal(body.match(/<th scope="row"><a class="account"/g)?.length, 100);
    assert.equal(body.match(/<div class="what">/g)?.length, 50);
  });

  it('leads through to the last account by its links, each account once', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/?status=active';
    while (path !== undefined) {
      const { body }: Answer = await ask(worker, path);
      const [table = ''] = /<table class="stacked accounts">.*<\/table>/s.exec(body) ?? [];
      const before = seen.length;
      seen.push(
        ...[...table.matchAll(/<th scope="row"><a class="account" href="\/accounts\/(\d{12})"/g)].map(
          ([, id]) => id ?? '',
        ),
      );
      assert.match(
        table,
        new RegExp(`${(before + 1).toLocaleString('en-US')}–${seen.length.toLocaleString('en-US')} of`),
      );
      path = /<a href="([^"#]*)#accounts" rel="next">/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    const active = Array.from({ length: ACCOUNTS }, (_, index) => index).filter((index) => index % 9 > 2);
    assert.deepEqual(seen, active.map(idOf));
  });

  it('gives programs all of them in pages, and all gaps', async () => {
    const readAll = async <Item>(
      path: string,
      items: (page: Partial<AccountsPage & Coverage>) => Item[],
    ): Promise<Item[]> => {
      const all: Item[] = [];
      let next: string | undefined;
      do {
        const page: Partial<AccountsPage & Coverage> = await json(
          worker,
          next === undefined ? path : `${path}&after=${next}`,
        );
        all.push(...items(page));
        next = page.next;
      } while (next !== undefined);
      return all;
    };
    const accounts = await readAll('/accounts.json?limit=1000', ({ accounts = [] }) => accounts);
    assert.deepEqual(
      accounts.map(({ account_id }) => account_id),
      Array.from({ length: ACCOUNTS }, (_, index) => idOf(index)),
    );
    const gaps = await readAll('/coverage.json?limit=1000', ({ gaps = [] }) => gaps);
    assert.equal(gaps.length, 2_223);
  });
});

describe('the page without its registry', function () {
  this.timeout(60_000);
  let polo: PoloOnServer;
  before(async () => {
    polo = await startPoloOnServer({ accounts: 3, worker: false });
  });
  after(() => polo.stop());

  it('says so while the worker starts, while ClickHouse is away, and is back with it', async () => {
    const server = polo.clickhouse;
    await server.kill();
    const address = `127.0.0.1:${String(await freePort(0))}`;
    const worker = await polo.startWorker({ POLO_TIME_SCALE: '1', POLO_STATUS_ADDRESS: address }, false);
    worker.statusUrl = `http://${address}`;
    while (
      await ask(worker, '/healthz').then(
        () => false,
        () => true,
      )
    )
      await sleep(50);
    const down = async (): Promise<string> => {
      const { status, type, body } = await ask(worker, '/');
      assert.deepEqual([status, type], [503, 'text/html; charset=utf-8']);
      assert.match(body, /role="alert"/);
      assert.match(body, /The registry does not answer/);
      assert.doesNotMatch(body, /\bat .*\.js:\d|correcthorse/);
      for (const path of ['/coverage.json', '/accounts.json']) {
        const answer = await ask(worker, path);
        const { error } = JSON.parse(answer.body) as { error: { code: string; message: string } };
        assert.deepEqual([answer.status, error.code], [503, 'RegistryUnavailable']);
      }
      assert.equal((await ask(worker, '/accounts/000000000001')).status, 503);
      assert.equal((await ask(worker, '/style.css')).status, 200);
      return body;
    };
    assert.match(await down(), /the worker is starting/);
    await server.start();
    while ((await ask(worker, '/readyz')).status !== 200) await sleep(100);
    assert.equal((await ask(worker, '/')).status, 200);
    await server.kill();
    await sleep(1_000); // so long a reading serves others
    assert.match(await down(), /no answer from ClickHouse/);
    await server.start();
    assert.equal((await ask(worker, '/')).status, 200);
    const told = (await worker.log()).match(/"the page can[^"]*"/g);
    const twice = ['"the page cannot read the registry"', '"the page can read the registry again"'];
    assert.deepEqual(told, [...twice, ...twice]);
  });
});

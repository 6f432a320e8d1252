/** `npm start`: everything on one machine, run as a user would run it. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type ScheduleDescription } from '@temporalio/client';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Loaded into every Node process of a start: writes down each address that is connected to or looked up, and by which script. */
const recorder = (file: string): string => `
  const dns = require('node:dns');
  const fs = require('node:fs');
  const net = require('node:net');
  const record = (address) => fs.appendFileSync(${JSON.stringify(file)}, address + ' ' + process.argv[1] + '\\n');
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const [first, second] = Array.isArray(args[0]) ? args[0] : args;
    if (typeof first === 'object' && !first.path) record((first.host || 'localhost') + ' ' + first.port);
    if (typeof first === 'number') record((typeof second === 'string' ? second : 'localhost') + ' ' + first);
    return connect.apply(this, args);
  };
  for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveSrv', 'resolveTxt']) {
      const original = owner[name];
      if (original) owner[name] = function (host, ...rest) { record(host + ' dns'); return original.call(this, host, ...rest); };
    }
  }
`;

/** Settings of somebody who also works with real systems; none of them may reach the demo. */
const ELSEWHERE = {
  AWS_PROFILE: 'production',
  AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
  AWS_SESSION_TOKEN: 'token',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
  CLICKHOUSE_URL: 'http://clickhouse.example.com:8123',
  HTTPS_PROXY: 'http://proxy.example.com:3128',
  POLO_ENV: 'production',
  POLO_ORGANIZATION_ROLE_ARN: 'arn:aws:iam::123456789012:role/production',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  TEMPORAL_NAMESPACE: 'production',
};

interface Run {
  child: ChildProcess;
  output: () => string;
  exitCode: Promise<number | null>;
}

describe('npm start', function () {
  this.timeout(120_000);
  this.slow(30_000);

  const folder = mkdtempSync(join(tmpdir(), 'polo-start-'));
  const dataFolder = join(folder, 'data');
  const addresses = join(folder, 'addresses');
  const children: ChildProcess[] = [];

  const start = (args: string[], env: Record<string, string> = {}): Run => {
    const child = spawn('npm', ['start', '--silent', ...(args.length > 0 ? ['--', ...args] : [])], {
      cwd: root,
      env: { ...process.env, ...env, POLO_DATA_DIR: dataFolder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += String(text)));
    }
    const exitCode = once(child, 'close').then(([code]) => code as number | null);
    return { child, output: () => output, exitCode };
  };

  const startUntilReady = async (): Promise<Run> => {
    const run = start([]);
    const ended = run.exitCode.then((code) => assert.fail(`ended with exit code ${String(code)}:\n${run.output()}`));
    const ready = async (): Promise<void> => {
      while (!run.output().includes('Ctrl-C stops everything')) await sleep(100);
    };
    await Promise.race([ready(), ended]);
    return run;
  };

  /** The schedule of the example collector. */
  const describeCollections = async (run: Run): Promise<ScheduleDescription> => {
    const [, address = ''] = /TEMPORAL_ADDRESS=(\S+)/.exec(run.output()) ?? [];
    const connection = await Connection.connect({ address });
    try {
      return await new Client({ connection }).schedule.getHandle('example-collector').describe();
    } finally {
      await connection.close();
    }
  };

  const processIds = (): number[] => JSON.parse(readFileSync(join(dataFolder, 'processes.json'), 'utf8')) as number[];

  const untilGone = async (pids: number[]): Promise<void> => {
    const alive = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (pids.some(alive)) await sleep(100);
  };

  before(() => writeFileSync(join(folder, 'recorder.cjs'), recorder(addresses)));

  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('--once discovers every account, collects from the active ones, prints the coverage and calls no other machine', async () => {
    const run = start(['--once'], { ...ELSEWHERE, NODE_OPTIONS: `--require=${join(folder, 'recorder.cjs')}` });
    assert.equal(await run.exitCode, 0, run.output());
    assert.equal(run.output().match(/^\d{12} {2}/gm)?.length, 24, run.output());
    assert.match(run.output(), /Discovery complete: 24 accounts handled, .* 24 new/);
    assert.match(run.output(), /Collected from 14 of 24 accounts, 10 skipped, 0 failed\./);
    assert.equal(run.output().match(/^\d{12} .* active +20\d\d-/gm)?.length, 14, run.output());
    assert.match(run.output(), /^7 of 21 accounts are not covered \(7 new today\)\..* Account list: 0 min old\./m);

    const called = readFileSync(addresses, 'utf8').trimEnd().split('\n');
    for (const script of ['worker/main.js', 'examples/collector/worker.js', 'local/start.js']) {
      assert.ok(
        called.some((call) => call.endsWith(script)),
        `nothing recorded from ${script}`,
      );
    }
    const foreign = called.filter((address) => !/^(127\.0\.0\.1|::1|localhost) /.test(address));
    assert.deepEqual(foreign, []);
  });

  it('--once goes on from the data of an earlier start', async () => {
    const run = start(['--once']);
    assert.equal(await run.exitCode, 0, run.output());
    assert.equal(run.output().match(/^\d{12} {2}/gm)?.length, 24, run.output());
    assert.doesNotMatch(run.output(), /\d new[.,]/);
    assert.match(run.output(), /Collected from 14 of 24 accounts/);
  });

  it('keeps running until SIGTERM, refuses a second start, and leaves no process behind', async () => {
    const run = await startUntilReady();
    const pids = processIds();
    assert.equal(pids.length, 4);
    const [, page = ''] = /^Page +(http:\S+)$/m.exec(run.output()) ?? [];
    assert.match(await (await fetch(page)).text(), /7 of 21 accounts are not covered/);
    const { action, policies } = await describeCollections(run);
    assert.deepEqual(
      { workflow: action.workflowType, args: action.args, overlap: policies.overlap },
      {
        workflow: 'collectAcrossAccounts',
        args: [{ workflowType: 'collectExample', taskQueue: 'example-collector' }],
        overlap: 'SKIP',
      },
    );

    const second = start([]);
    assert.equal(await second.exitCode, 2, second.output());
    assert.match(second.output(), /npm start already runs on .* \(process \d+\)/);

    run.child.kill('SIGTERM');
    assert.equal(await run.exitCode, 0, run.output());
    await untilGone(pids);
  });

  it('says which process ended unexpectedly, and stops the others', async () => {
    const run = await startUntilReady();
    const pids = processIds();
    const [, , worker = 0] = pids;
    process.kill(worker, 'SIGTERM');
    assert.equal(await run.exitCode, 1, run.output());
    assert.match(
      run.output(),
      /Worker ended with exit code 0\. Its last words, from .*worker\.log:\n.*worker stopped/s,
    );
    await untilGone(pids);
  });

  it('leaves nothing behind that keeps the next start from running when it is killed', async () => {
    const run = await startUntilReady();
    const pids = processIds();
    const [, pid] = /process (\d+)/.exec(await refusal()) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    await run.exitCode;
    const next = start(['--once']);
    assert.equal(await next.exitCode, 0, next.output());
    await untilGone(pids);
  });

  const refusal = async (): Promise<string> => {
    const second = start([]);
    await second.exitCode;
    return second.output();
  };

  it('explains itself and exits with 2 when asked for something unknown', async () => {
    const run = start(['--twice']);
    assert.equal(await run.exitCode, 2);
    assert.match(run.output(), /Unknown option '--twice'[\s\S]*Usage: npm start/);
  });
});

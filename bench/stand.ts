/** What benchmarks run on: a sandbox and a ClickHouse server in processes of their own, and a Temporal server anew for each run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase, type RegistryOptions } from '../registry/client.ts';
import { startClickHouse } from '../test/support/clickhouseServer.ts';
import { stopTemporalServer } from '../test/support/temporalServer.ts';

/** Where the sandbox expects Polo to be. */
export const SITE = { env: 'bench', externalId: 'external-id-of-benchmarks' };

const USER = { user: 'polo', password: 'benchmarks' };

/** One stand for all contestants of a benchmark. */
export interface Stand {
  sandboxUrl: string;
  /** Sets faults of the sandbox, such as latency. */
  faults: (body: object) => Promise<void>;
  /** A database of its own for one run, as environment of a worker and for reading. */
  newDatabase: () => Promise<{ env: Record<string, string>; options: RegistryOptions; database: Database }>;
  /** Runs a script of this folder to its end, and returns the JSON that it prints. */
  runScript: <Answer>(script: string, env: Record<string, string>) => Promise<Answer>;
  /** Starts a script of this folder, and waits for its first line. */
  startScript: (script: string, env: Record<string, string>) => Promise<{ pid: number; stop: () => Promise<void> }>;
  stop: () => Promise<void>;
}

/** How a process reaches the AWS of the stand. */
export const awsEnvironment = ({ sandboxUrl }: Stand): Record<string, string> => ({
  AWS_ENDPOINT_URL: sandboxUrl,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** Starts a stand with an organization of so many accounts. */
export const startStand = async (accounts: number): Promise<Stand> => {
  const running = new Set<ChildProcess>();
  const killAll = (): void => running.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', killAll);
  const start = (script: string, args: string[], env: Record<string, string>): ChildProcess => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL(script, import.meta.url)), ...args],
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  };
  const stop = async (child: ChildProcess): Promise<void> => {
    if (!running.has(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };

  const args = ['--accounts', String(accounts), '--env', SITE.env, '--external-id', SITE.externalId];
  const sandbox = start('../sandbox/main.ts', args, {});
  const { url: sandboxUrl } = JSON.parse(await firstLine(sandbox)) as { url: string };
  const clickhouse = await startClickHouse(USER);
  const databases: Database[] = [];

  return {
    sandboxUrl,
    faults: async (body) => {
      const response = await fetch(`${sandboxUrl}/_sandbox/faults`, { method: 'PUT', body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`faults of the sandbox: ${await response.text()}`);
    },
    newDatabase: async () => {
      const name = `bench_${String(databases.length)}`;
      const options = { database: name, url: clickhouse.url, ...USER };
      const database = await openDatabase(options);
      databases.push(database);
      const env = {
        CLICKHOUSE_URL: clickhouse.url,
        CLICKHOUSE_USER: USER.user,
        CLICKHOUSE_PASSWORD: USER.password,
        CLICKHOUSE_DATABASE: name,
      };
      return { env, options, database };
    },
    runScript: async <Answer>(script: string, env: Record<string, string>): Promise<Answer> =>
      JSON.parse(await firstLine(start(script, [], env))) as Answer,
    startScript: async (script, env) => {
      const child = start(script, [], env);
      await firstLine(child);
      return { pid: child.pid ?? 0, stop: () => stop(child) };
    },
    stop: async () => {
      await Promise.all(databases.map((database) => database.close()));
      await Promise.all([...running].map(stop));
      await clickhouse.stop();
      await stopTemporalServer();
      process.off('exit', killAll);
    },
  };
};

const firstLine = async (child: ChildProcess): Promise<string> => {
  if (!child.stdout) throw new Error('expected a pipe');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`a process of the benchmark ended without a word: ${child.spawnargs.join(' ')}`);
};

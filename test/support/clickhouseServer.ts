/**
 * A ClickHouse with its own HTTP interface, users and passwords, without a ClickHouse install: the library of the
 * embedded engine also holds `clickhouse local`, which can listen (facts: ClickHouse section 2).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../local/ports.ts';

/** Who may use the server; without `grants` everything is allowed. Names and passwords are plain letters and digits. */
export interface ClickHouseUser {
  user: string;
  password: string;
  /** E.g. `GRANT SELECT ON polo.*`. */
  grants?: string[];
}

/** A running server on 127.0.0.1. Its data survives `kill` and `start`. */
export interface ClickHouseServer {
  url: string;
  /** Process id while it runs. */
  pid: () => number | undefined;
  /** Ends the process as a crash would (SIGKILL), and waits for its end. */
  kill: () => Promise<void>;
  /** Starts it again on the same data and port, and waits until it answers. */
  start: () => Promise<void>;
  /** Ends it for good and removes its data. */
  stop: () => Promise<void>;
}

const START_TIMEOUT = 30_000;

/** Starts a server for the given user, and others. Throws with the process's own words if it doesn't come up in 30 s. */
export const startClickHouse = async (
  first: ClickHouseUser,
  ...others: ClickHouseUser[]
): Promise<ClickHouseServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'polo-clickhouse-'));
  const port = await freePort(0);
  const url = `http://127.0.0.1:${String(port)}`;
  await writeFile(join(directory, 'users.xml'), usersFile([first, ...others]));
  await writeFile(join(directory, 'config.xml'), configFile(directory));
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };
  const start = async (): Promise<void> => {
    if (child) return;
    const started = spawn(process.execPath, ['--import', 'tsx', PROCESS, directory, String(port)], {
      // The pipe to its standard input closes when this process ends, however it ends; then the server ends too.
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child = started;
    let words = '';
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk) => {
        words += String(chunk);
      });
    }
    const until = Date.now() + START_TIMEOUT;
    while (!(await answers(url))) {
      if (started.exitCode !== null || started.signalCode !== null || Date.now() > until) {
        await end('SIGKILL');
        throw new Error(`ClickHouse did not start on ${url}: ${words.slice(0, 2_000)}`);
      }
      await sleep(50);
    }
  };

  const stop = async (): Promise<void> => {
    await end('SIGKILL');
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: () => child?.pid, kill: () => end('SIGKILL'), start, stop };
};

const PROCESS = fileURLToPath(new URL('./clickhouseServerProcess.ts', import.meta.url));

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/ping`).then(
    (response) => response.ok,
    () => false,
  );

const configFile = (directory: string): string => `<clickhouse>
  <path>${directory}/data/</path>
  <users_config>${directory}/users.xml</users_config>
  <keep_alive_timeout>10</keep_alive_timeout>
</clickhouse>`;

/** The listening query itself runs as `default`, which must have no password; all that it may do is listen. */
const usersFile = (users: ClickHouseUser[]): string => `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>${[{ user: 'default', password: '', grants: ['GRANT SYSTEM LISTEN ON *.*'] }, ...users].map(userEntry).join('')}</users>
</clickhouse>`;

const userEntry = ({ user, password, grants }: ClickHouseUser): string => `<${user}>
    <password>${password}</password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    ${grants ? `<grants>${grants.map((grant) => `<query>${grant}</query>`).join('')}</grants>` : ''}
  </${user}>`;

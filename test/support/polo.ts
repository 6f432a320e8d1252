/**
 * Polo as its users have it, for tests: worker processes of the build, a real Temporal server, a registry and the sandbox
 * organization. Everything is done through workflows and read back through `readRegistry`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import {
  TASK_QUEUE,
  type AccountEvent,
  type AccountRow,
  type DiscoverAccountsInput,
  type DiscoverAccountsResult,
  type ReadRegistryInput,
  type RegistryPage,
} from '../../domain/contract.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { plannedSchedules } from '../../worker/scheduleTable.ts';
import { assertNothingTold, SECRETS } from './secrets.ts';
import { temporalAddress } from './temporalServer.ts';

const LIB = fileURLToPath(new URL('../../lib', import.meta.url));

/** What Node is told by `npm run worker`. */
const WORKER_FLAGS =
  /node (--.*) local\/run\.js/
    .exec(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))?.[1]
    ?.split(' ') ?? [];

/** An account as the sandbox shows it. */
export interface SandboxAccount {
  id: string;
  name: string;
  /** Path of its unit by names. */
  ou: string;
  /** What a first discovery should find; null for an account that isn't listed. */
  expected: { polo_status: string; polo_read_role: boolean; polo_action_role: boolean };
}

/** A worker process. */
export interface WorkerProcess {
  pid: number;
  /** Where its page is, once it is ready. */
  statusUrl: string;
  /** Settles with the exit code, null after a signal. */
  ended: Promise<number | null>;
  signal: (signal: NodeJS.Signals) => Promise<number | null>;
  log: () => Promise<string>;
}

/** A command line that runs. */
export interface RunningCli {
  said: () => string;
  ended: Promise<{ code: number; stdout: string; stderr: string }>;
}

export interface PoloOptions {
  accounts?: number;
  env?: Record<string, string>;
  /** False: no worker is started yet. */
  worker?: boolean;
  /** True: the worker creates the schedules and discovers at once. Otherwise they exist, paused, and only tests start anything. */
  scheduled?: boolean;
  /** The build to run, if not ours. */
  lib?: string;
}

export type Polo = Awaited<ReturnType<typeof startPolo>>;

export const startPolo = async (options: PoloOptions = {}) => {
  const { accounts = 24, env = {}, worker = true, scheduled = false, lib = LIB } = options;
  const folder = await mkdtemp(join(tmpdir(), 'polo-test-'));
  const sandbox = await startSandbox({ accounts, env: 'test', externalId: SECRETS.externalId });
  const address = await temporalAddress();
  const namespace = `test-${randomUUID()}`;
  // A page of a long history may have more than the 4 MB that gRPC takes by default.
  const channelArgs = { 'grpc.max_receive_message_length': 128 * 1024 * 1024 };
  const connection = await Connection.connect({ address, channelArgs });
  await registerNamespace(connection, namespace);
  const client = new Client({ connection, namespace });
  if (!scheduled) await createPausedSchedules(client);
  const workers: { process: ChildProcess; ended: Promise<number | null> }[] = [];
  let saidByCli = '';
  const killWorkers = (): void => {
    for (const { process: child } of workers) child.kill('SIGKILL');
  };
  process.once('exit', killWorkers);

  const environment = (): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    POLO_ENV: 'test',
    POLO_EXTERNAL_ID: SECRETS.externalId,
    POLO_DATA_DIR: join(folder, 'data'),
    POLO_ORGANIZATIONS_RATE: '500',
    POLO_STS_RATE: '500',
    POLO_TIME_SCALE: '0.02',
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ACCESS_KEY_ID: SECRETS.accessKey,
    AWS_SECRET_ACCESS_KEY: SECRETS.secretKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  });

  /** Starts a worker of the build; waits until it is ready unless told otherwise. */
  const startWorker = async (overrides: Record<string, string> = {}, ready = true): Promise<WorkerProcess> => {
    const logFile = join(folder, `worker-${String(workers.length)}.log`);
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...WORKER_FLAGS, join(lib, 'worker/main.js')], {
      env: { ...environment(), POLO_STATUS_ADDRESS: '127.0.0.1:0', ...overrides },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    workers.push({ process: child, ended });
    const started: WorkerProcess = {
      pid: child.pid ?? 0,
      statusUrl: '',
      ended,
      signal: (signal) => {
        child.kill(signal);
        return ended;
      },
      log: () => readFile(logFile, 'utf8'),
    };
    if (ready) started.statusUrl = await untilReady(started);
    return started;
  };

  /** Runs a workflow and returns its result; a failure is thrown as `code: message`. */
  const run = async <Result>(
    type: string,
    input?: unknown,
    workflowId = `${type}/${randomUUID()}`,
    taskQueue = TASK_QUEUE,
  ): Promise<Result> => {
    try {
      return await client.workflow.execute<(input: unknown) => Promise<Result>>(type, {
        taskQueue,
        workflowId,
        args: input === undefined ? ([] as unknown as [unknown]) : [input],
      });
    } catch (error) {
      throw error instanceof WorkflowFailedError ? failureIn(error) : error;
    }
  };

  const read = async <Item>(
    input: ReadRegistryInput,
    items: (page: RegistryPage) => Item[] | undefined,
  ): Promise<Item[]> => {
    const found: Item[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page: RegistryPage = await run('readRegistry', { ...input, ...(after !== undefined && { after }) });
      found.push(...(items(page) ?? []));
      after = page.next;
    }
    return found;
  };

  /** A request to the sandbox's control interface. */
  const control = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${sandbox.url}/_sandbox${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${answer}`);
    return (answer === '' ? undefined : JSON.parse(answer)) as Answer;
  };

  const polo = {
    folder,
    namespace,
    client,
    connection,
    sandboxUrl: sandbox.url,
    environment,
    startWorker,
    run,
    control,
    discover: (input?: DiscoverAccountsInput) => run<DiscoverAccountsResult>('discoverAccounts', input),
    accounts: () => read<AccountRow>({ what: 'accounts' }, (page) => page.accounts),
    history: (accountId?: string) =>
      read<AccountEvent>({ what: 'history', ...(accountId !== undefined && { accountId }) }, (page) => page.history),
    account: async (accountId: string): Promise<AccountRow> => {
      const found = (await polo.accounts()).find((row) => row.account_id === accountId);
      if (!found) throw new Error(`account ${accountId} is not in the registry`);
      return found;
    },
    organization: () => control<SandboxAccount[]>('GET', '/accounts'),
    change: (accountId: string, body: object) => control('PATCH', `/accounts/${accountId}`, body),
    faults: (body: object) => control('PUT', '/faults', body),
    /** Everything that the workers have logged. */
    logs: async (): Promise<string> => {
      const files = (await readdir(folder)).filter((file) => file.endsWith('.log'));
      return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('');
    },
    /** Starts the command line of the build; `said` is what it has written to standard error so far. */
    startCli: (...args: string[]): RunningCli => {
      const child = spawn(process.execPath, [join(lib, 'client/main.js'), ...args], {
        env: environment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const closed = once(child, 'close').then(([code]) => code as number);
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += String(chunk)));
      child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += String(chunk)));
      const ended = closed.then((code) => {
        saidByCli += stdout + stderr;
        return { code, stdout, stderr };
      });
      return { said: () => stderr, ended };
    },
    /** Runs the command line of the build. */
    cli: (...args: string[]): RunningCli['ended'] => polo.startCli(...args).ended,
    /** Ends everything. Throws if a secret is in what the workers, the command line or the workflows have left behind. */
    stop: async (): Promise<void> => {
      killWorkers();
      process.off('exit', killWorkers);
      await Promise.all(workers.map(({ ended }) => ended));
      try {
        await assertNothingTold(saidByCli + (await polo.logs()), client);
      } finally {
        await connection.close();
        await sandbox.close();
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
  try {
    if (worker) await startWorker();
  } catch (error) {
    await polo.stop();
    throw error;
  }
  return polo;
};

/** Makes a namespace, and waits until it can be used. */
export const registerNamespace = async (connection: Connection, namespace: string): Promise<void> => {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  for (;;) {
    try {
      await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
      return;
    } catch {
      await sleep(20);
    }
  }
};

const createPausedSchedules = async (client: Client): Promise<void> => {
  for (const { options } of plannedSchedules({ taskQueue: TASK_QUEUE, crons: NEVER })) {
    await client.schedule.create({ ...options, spec: {}, state: { paused: true } });
  }
};

const NEVER = { discovery: '', coverage: '', digest: '' };

/** Waits until a worker is ready. Returns the address of its page, the port of which the system has chosen. */
const untilReady = async ({ ended, log }: WorkerProcess): Promise<string> => {
  const over = ended.then(async () => {
    throw new Error(`the worker ended: ${await log()}`);
  });
  const answer = async (): Promise<string | undefined> => {
    const address = /"message":"worker started".*"status":"([^"]+)"/.exec(await log())?.[1];
    if (address === undefined) return undefined;
    const ready = await fetch(`http://${address}/readyz`).catch(() => undefined);
    return ready?.ok ? `http://${address}` : undefined;
  };
  let url: string | undefined;
  while ((url = await Promise.race([answer(), over])) === undefined) await sleep(50);
  over.catch(() => undefined);
  return url;
};

/** The failure with a code in a chain of causes. */
const failureIn = (error: Error): Error => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('type' in cause && typeof cause.type === 'string') return new Error(`${cause.type}: ${cause.message}`);
  }
  return error;
};

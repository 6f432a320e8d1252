/** A Temporal dev server for the demo and for tests. */
import { Connection } from '@temporalio/client';
import { inherited } from './environment.ts';
import { startProcess, untilReady, type RunningProcess } from './processes.ts';

/** The namespace that every dev server has. */
const NAMESPACE = 'default';

/** How a server is started; without `dbFilename` it forgets everything when it stops, without `uiPort` it has no pages. */
export interface TemporalServerOptions {
  /** From `findTemporal`. */
  binary: string;
  port: number;
  uiPort?: number;
  dbFilename?: string;
  logFile: string;
  /** Gets the process at once, before it answers. */
  started?: (server: RunningProcess) => void;
  /** Ends the waiting, and the server with it. */
  signal?: AbortSignal;
}

/** A server that answers. */
export interface TemporalServer {
  /** `127.0.0.1:port`. */
  address: string;
  stop: () => Promise<void>;
}

/** Starts a server on 127.0.0.1 and waits until its namespace answers. It ends with this process, however that ends. */
export const startTemporalServer = async (options: TemporalServerOptions): Promise<TemporalServer> => {
  const server = startProcess({
    name: 'Temporal',
    command: options.binary,
    args: serverArguments(options),
    env: { ...inherited(), TEMPORAL_VERSION_CHECK_DISABLED: '1' },
    logFile: options.logFile,
  });
  options.started?.(server);
  const address = `127.0.0.1:${options.port}`;
  try {
    await untilReady(server, () => namespaceAnswers(address), options.signal);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { address, stop: server.stop };
};

const serverArguments = ({ port, uiPort, dbFilename }: TemporalServerOptions): string[] => [
  ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
  ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
  ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
  // Without these a file database is four times slower.
  ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
];

const namespaceAnswers = (address: string): Promise<boolean> =>
  answers(address, async ({ workflowService }) => {
    await workflowService.describeNamespace({ namespace: NAMESPACE });
    return true;
  });

/** True if a worker polls the task queue of a server. */
export const isPolled = (address: string, taskQueue: string, namespace = NAMESPACE): Promise<boolean> =>
  answers(address, async ({ workflowService }) => {
    const { pollers } = await workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue } });
    return pollers.length > 0;
  });

/** The answer to a question about a server; false where it gives none. */
const answers = async (address: string, ask: (connection: Connection) => Promise<boolean>): Promise<boolean> => {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    try {
      return await ask(connection);
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
};

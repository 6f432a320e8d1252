/** A Temporal dev server for the demo and for tests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { inherited } from './environment.ts';
import { startProcess, type RunningProcess } from './processes.ts';

/** The namespace that every dev server has. */
const NAMESPACE = 'default';

/** How long a server may take to answer, in milliseconds. */
const START_TIMEOUT = 60_000;

/** How a server is started; without `dbFilename` it forgets everything when it stops, without `uiPort` it has no pages. */
export interface TemporalServerOptions {
  /** From `findTemporal`. */
  binary: string;
  port: number;
  uiPort?: number;
  dbFilename?: string;
  logFile: string;
}

/** A server that answers. */
export interface TemporalServer {
  /** `127.0.0.1:port`. */
  address: string;
  process: RunningProcess;
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
  const address = `127.0.0.1:${options.port}`;
  const waiting = new AbortController();
  try {
    const ended = server.ended.then((words) => Promise.reject(new Error(words)));
    await Promise.race([untilNamespaceAnswers(address, waiting.signal), ended]);
  } catch (error) {
    waiting.abort();
    await server.stop();
    throw error;
  }
  return { address, process: server, stop: server.stop };
};

const serverArguments = ({ port, uiPort, dbFilename }: TemporalServerOptions): string[] => [
  ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
  ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
  ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
  // Without these a file database is four times slower.
  ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
];

const untilNamespaceAnswers = async (address: string, signal: AbortSignal): Promise<void> => {
  const until = Date.now() + START_TIMEOUT;
  while (!signal.aborted) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (Date.now() > until) throw new Error(`Temporal at ${address} does not answer after 60 s`, { cause: error });
    }
    await sleep(100);
  }
};

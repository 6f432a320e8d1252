/** Everything on one machine: a Temporal server, a simulated AWS organization, the production worker and a collector (design 7). */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXAMPLE } from './collection.ts';
import { collectorEnvironment, inherited, workerEnvironment } from './environment.ts';
import { freePort } from './ports.ts';
import { startProcess, untilReady, type RunningProcess } from './processes.ts';
import { isPolled, startTemporalServer } from './temporal.ts';

/** A demo that runs. */
export interface Demo {
  temporalAddress: string;
  temporalUiUrl: string;
  statusUrl: string;
  sandboxUrl: string;
  logFolder: string;
  /** Rejects when one of the processes ends by itself. */
  failed: Promise<never>;
  /** Stops the workers, then what they need. */
  stop: () => Promise<void>;
}

const ENV = 'demo';
const EXTERNAL_ID = 'demo-external-id';

/** A log that is larger is begun anew, in bytes. */
const MAX_LOG = 5_000_000;

/** Starts everything, each part before the one that needs it; an abort of `signal` undoes it. `remember` gets every process id. */
export const startDemo = async (options: {
  dataFolder: string;
  temporalBinary: string;
  remember: (pid: number | undefined) => void;
  signal: AbortSignal;
}): Promise<Demo> => {
  const { dataFolder, temporalBinary, remember, signal } = options;
  const logFolder = join(dataFolder, 'logs');
  const running: RunningProcess[] = [];
  const adopt = (started: RunningProcess): RunningProcess => {
    running.push(started);
    remember(started.pid);
    return started;
  };
  const stop = async (): Promise<void> => {
    for (const started of running.toReversed()) await started.stop();
  };
  const startNode = (name: string, script: string, args: string[], env: Record<string, string>): RunningProcess => {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const logFile = openLog(logFolder, name.toLowerCase());
    return adopt(startProcess({ name, command: process.execPath, args: [path, ...args], env, logFile }));
  };

  try {
    const [port, uiPort] = [await freePort(7233), await freePort(8233)];
    const temporal = await startTemporalServer({
      binary: temporalBinary,
      port,
      uiPort,
      dbFilename: join(dataFolder, 'temporal.db'),
      logFile: openLog(logFolder, 'temporal'),
      started: adopt,
      signal,
    });
    const temporalUiUrl = `http://127.0.0.1:${uiPort}`;

    const sandboxPort = await freePort(8421);
    const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const sandboxArgs = ['--port', String(sandboxPort), '--env', ENV, '--external-id', EXTERNAL_ID];
    const sandbox = startNode('Sandbox', '../sandbox/main.js', sandboxArgs, inherited());
    await untilReady(sandbox, () => succeeds(`${sandboxUrl}/_sandbox/accounts`), signal);

    const statusAddress = `127.0.0.1:${await freePort(8321)}`;
    const surroundings = { temporalAddress: temporal.address, awsUrl: sandboxUrl, dataFolder };
    const worker = startNode(
      'Worker',
      '../worker/main.js',
      [],
      workerEnvironment({ ...surroundings, env: ENV, externalId: EXTERNAL_ID, temporalUiUrl, statusAddress }),
    );
    const collector = startNode('Collector', '../examples/collector/worker.js', [], collectorEnvironment(surroundings));
    await untilReady(worker, () => succeeds(`http://${statusAddress}/readyz`), signal);
    await untilReady(collector, () => isPolled(temporal.address, EXAMPLE.taskQueue), signal);

    const failed = Promise.race(running.map(({ ended }) => ended)).then((words) => Promise.reject(new Error(words)));
    failed.catch(() => undefined); // it is for whoever looks at it, and an ordered end is none
    return {
      temporalAddress: temporal.address,
      temporalUiUrl,
      statusUrl: `http://${statusAddress}`,
      sandboxUrl,
      logFolder,
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

const openLog = (folder: string, name: string): string => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.log`);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG) rmSync(file);
  return file;
};

const succeeds = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};

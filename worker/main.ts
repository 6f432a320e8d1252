/** `npm run worker`: reads the environment, opens the connections, runs until SIGTERM or SIGINT (design 7). */
import process from 'node:process';
import type { Client } from '@temporalio/client';
import { readWorkerConfiguration, type WorkerConfiguration } from '../configuration.ts';
import { scaledDurations } from '../domain/durations.ts';
import { pageRoutes, type Source } from '../page/routes.ts';
import type { Site } from '../page/site.ts';
import { registryError } from '../registry/errors.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { openAws } from './aws.ts';
import { connectTemporal, untilOpen } from './connect.ts';
import { coverageReader } from './coverage.ts';
import { keepGauges } from './gauges.ts';
import { installRuntime, log, metricMeter } from './logging.ts';
import { healthRoutes } from './probes.ts';
import { applySchedules } from './schedules.ts';
import { startStatusServer } from './statusServer.ts';
import { createWorker } from './worker.ts';

/** Exit codes of the worker (design 7). */
const EXIT = { failed: 1, configuration: 2, temporalUnreachable: 3 } as const;

/** Failures at start that the operator has to mend; the others may be over at the next start. */
const CONFIGURATION_CODES = [
  'InvalidConfiguration',
  'AddressInUse',
  'RegistryLocked',
  'RegistryShape',
  'RegistryRejected',
];

/** A failure at start that is Temporal's: it has an exit code of its own. */
class TemporalUnreachable extends Error {
  readonly code = 'TemporalUnreachable';
}

const codeOf = (error: unknown): string => {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'Unexpected';
};

const run = async (configuration: WorkerConfiguration): Promise<void> => {
  let stop = (signal: string): void => {
    log('info', 'stopped while starting', { signal });
    process.exit();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  let ready = (): Promise<string | undefined> => Promise.resolve('starting');
  let source = (): Source => {
    throw registryError('RegistryUnavailable', 'the worker is starting, its registry is not open yet');
  };
  const { status } = configuration;
  const routes = [...healthRoutes(() => ready()), ...pageRoutes(siteOf(configuration), () => source())];
  const server = status && (await startStatusServer({ ...status, routes }));
  const [temporal, registry] = await Promise.all([openTemporal(configuration), openTables(configuration)]);
  const aws = openAws(configuration);
  const coverage = coverageReader(registry, configuration.roles.action !== undefined);
  source = () => ({ registry, coverage });
  const worker = await createWorker(configuration, {
    temporal: temporal.native,
    client: temporal.client,
    registry,
    aws,
    coverage,
  });
  const schedules = await openSchedules(temporal.client, configuration);
  ready = async () => {
    await registry.ping();
    const state = worker.getState();
    return state === 'RUNNING' ? undefined : `worker is ${state}`;
  };
  log('info', 'worker started', {
    taskQueue: configuration.taskQueue,
    namespace: configuration.temporal.namespace,
    status: server?.address,
    schedules,
  });
  stop = (signal) => {
    log('info', 'draining', { signal });
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const stopped = new AbortController();
  const gauges =
    configuration.metricsAddress === undefined ? undefined : keepGauges(metricMeter(), coverage, stopped.signal);
  await worker.run();
  stopped.abort();
  await gauges;
  await server?.close();
  await temporal.close();
  await registry.close();
  aws.close();
  log('info', 'worker stopped');
};

const siteOf = ({ env, temporal, taskQueue, temporalUiUrl, stackSet }: WorkerConfiguration): Site => ({
  env,
  namespace: temporal.namespace,
  taskQueue,
  stackSet,
  ...(temporalUiUrl !== undefined && { temporalUiUrl }),
});

const isConfiguration = (error: unknown): boolean => codeOf(error) === 'InvalidConfiguration';

const openTemporal = ({ temporal, timeScale }: WorkerConfiguration): ReturnType<typeof connectTemporal> =>
  untilOpen(
    'Temporal',
    scaledDurations(timeScale).startPatience,
    () => connectTemporal(temporal),
    isConfiguration,
  ).catch((error: unknown) => {
    if (isConfiguration(error)) throw error;
    const expected = `expected a Temporal server at ${temporal.connectionOptions.address} (TEMPORAL_ADDRESS)`;
    throw new TemporalUnreachable(`${expected}, got: ${messageOf(error)}`);
  });

const openTables = ({ registry, timeScale }: WorkerConfiguration): Promise<Registry> => {
  const { database, dataDir, server } = registry;
  const { startPatience, readPause, writePause } = scaledDurations(timeScale);
  return untilOpen(
    'the registry',
    startPatience,
    () => openRegistry({ database, readPause, writePause, ...(server ? { ...server } : { dataDir }) }),
    (error) => codeOf(error) !== 'RegistryUnavailable',
  );
};

/** A Temporal server that has just started itself may leave a schedule unanswered for half a minute. */
const openSchedules = (client: Client, configuration: WorkerConfiguration): ReturnType<typeof applySchedules> =>
  untilOpen(
    'a schedule of Temporal',
    scaledDurations(configuration.timeScale).startPatience,
    () => applySchedules(client, configuration),
    isConfiguration,
  );

/** What an error says; where nobody has made its words for people, with its cause. */
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return codeOf(error) === 'Unexpected' && cause instanceof Error ? `${message}: ${cause.message}` : message;
};

const exitWith = (error: unknown): never => {
  const code = codeOf(error);
  process.stderr.write(`polo-accounts worker ends: ${code}\n${messageOf(error)}\n`);
  if (code === 'TemporalUnreachable') process.exit(EXIT.temporalUnreachable);
  process.exit(CONFIGURATION_CODES.includes(code) ? EXIT.configuration : EXIT.failed);
};

try {
  const { configuration, warnings } = readWorkerConfiguration();
  installRuntime(configuration);
  for (const warning of warnings) log('warn', warning);
  await run(configuration);
} catch (error) {
  exitWith(error);
}

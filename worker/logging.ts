/** Logs: one JSON line per entry on stderr, for our own lines, the SDK's, workflows' and activities' alike. */
import { inspect } from 'node:util';
import type { MetricMeter } from '@temporalio/common';
import { DefaultLogger, Runtime, type LogEntry, type LogLevel as SdkLevel } from '@temporalio/worker';
import type { LogLevel } from '../variables.ts';

/** The last net, should a key ever reach a message; no other part may count on it. */
const ACCESS_KEY = /(A[KS]IA)[A-Z0-9]{16}/g;

const sdkLevel = (level: LogLevel): SdkLevel => level.toUpperCase() as SdkLevel;

/** What JSON would lose or choke on. Of an error only what it says: AWS errors also carry the request. */
const plain = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { type: name, message, stack, ...(cause !== undefined && { cause }) };
};

const json = (fields: object): string => {
  try {
    return JSON.stringify(fields, plain);
  } catch {
    return JSON.stringify({ message: inspect(fields, { depth: 3, breakLength: Infinity }) });
  }
};

/** One line: time (ISO 8601), level, message, then account, workflow and run where known, then everything else. */
export const logLine = ({ level, timestampNanos, message, meta }: LogEntry): string => {
  const { workflowId, runId, workflowRunId, ...rest } = (meta ?? {}) as Record<string, unknown>;
  // It would let its reader complete the activity.
  delete rest['taskToken'];
  const [, account] = /^account\/(\d{12})$/.exec(typeof workflowId === 'string' ? workflowId : '') ?? [];
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const run = runId ?? workflowRunId;
  return json({ time, level: level.toLowerCase(), message, account, workflowId, runId: run, ...rest }).replace(
    ACCESS_KEY,
    '$1****************',
  );
};

const logger = (level: LogLevel): DefaultLogger =>
  new DefaultLogger(sdkLevel(level), (entry) => process.stderr.write(`${logLine(entry)}\n`));

let own = logger('info');

/**
 * Installs Temporal's runtime with this logging; call it once, before anything else of the SDK.
 * `metricsAddress` is the `address:port` of the Prometheus exporter. Signals are left to the caller.
 */
export const installRuntime = (options: { logLevel: LogLevel; metricsAddress?: string }): void => {
  own = logger(options.logLevel);
  Runtime.install({
    logger: own,
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(options.metricsAddress !== undefined && {
        metrics: { prometheus: { bindAddress: options.metricsAddress } },
      }),
    },
  });
};

/** The meter of what the exporter at POLO_METRICS_ADDRESS tells. */
export const metricMeter = (): MetricMeter => Runtime.instance().metricMeter;

/** Writes a line of our own at once: unlike the SDK's, which wait 100 ms to be sorted, it survives an exit. */
export const log = (level: LogLevel, message: string, meta: Record<string, unknown> = {}): void => {
  own.log(sdkLevel(level), message, meta);
};

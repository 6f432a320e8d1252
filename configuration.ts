/** The environment, read and checked once (design 7). Beside `local/environment.ts` no other file of the program reads it. */
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import type * as z from 'zod';
import type { StackSetNames } from './domain/contract.ts';
import { NO_EXTERNAL_ID, readRoleName, stackSetName } from './domain/names.ts';
import { CLIENT_VARIABLES, problemsOf, WORKER_VARIABLES, type Address, type LogLevel } from './variables.ts';

/** Where Temporal is; the options fit `Connection.connect` and `NativeConnection.connect`. */
export interface TemporalConfiguration {
  connectionOptions: ClientConnectConfig['connectionOptions'] & { address: string };
  namespace: string;
}

/** What the command line needs to know. */
export interface ClientConfiguration {
  taskQueue: string;
  temporal: TemporalConfiguration;
  /** Five fields each, UTC. */
  crons: { discovery: string; coverage: string; digest: string };
  /** Without a slash at its end. */
  temporalUiUrl?: string;
}

/** What the worker needs to know. What is absent is switched off, or was not given. */
export interface WorkerConfiguration extends ClientConfiguration {
  env: string;
  awsRegion: string;
  organizationRoleArn?: string;
  /** Names, not ARNs; no `action` if only the read role is used. */
  roles: { read: string; action?: string; externalId?: string };
  stackSet: StackSetNames;
  /** Calls per second. */
  rates: { organizations: number; sts: number };
  /** Keys of AWS tags. */
  tags?: { accountRole: string; owner: string };
  /** Embedded in `dataDir` unless there is a server. */
  registry: {
    database: string;
    dataDir: string;
    server?: { url: string; user: string; password: string; sequentialReads: boolean };
  };
  /** Both are secrets. */
  slackWebhookUrl?: string;
  heartbeatUrl?: string;
  /** Public address of the page, without a slash at its end. */
  statusUrl?: string;
  status?: Address & { token?: string; hosts: string[] };
  /** `address:port` of the Prometheus exporter. */
  metricsAddress?: string;
  logLevel: LogLevel;
  /** 1 is real time, 0.01 a hundred times faster. */
  timeScale: number;
}

/** The environment is not usable; `problems` has one line for each variable: name, expectation, what came. */
export class ConfigurationError extends Error {
  readonly code = 'InvalidConfiguration';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/** The error for a namespace that the Temporal server does not have. */
export const noSuchNamespace = (namespace: string): ConfigurationError =>
  new ConfigurationError([`TEMPORAL_NAMESPACE: expected a namespace of the server, got ${JSON.stringify(namespace)}`]);

/** gRPC's PERMISSION_DENIED and UNAUTHENTICATED: no waiting mends these. */
export const REFUSALS = [7, 16];

/** The error for credentials that the Temporal server refuses; `words` are the server's. */
export const credentialsRefused = (words: string): ConfigurationError =>
  new ConfigurationError([
    `TEMPORAL_API_KEY, TEMPORAL_TLS_*: expected credentials that may do this, Temporal says: ${words.replace(/\.?$/, '.')} ` +
      'Next: try them with temporal operator namespace list.',
  ]);

/** An empty variable counts as unset. */
const givenIn = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]));

/** Fields with a value; an absent one is left out, never undefined. */
const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

/** The same TEMPORAL_* variables, profiles and TOML file as the `temporal` command reads; text if they are unusable. */
const readTemporal = (given: Record<string, string>): TemporalConfiguration | string => {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: given });
    const { address = 'localhost:7233', ...others } = connectionOptions;
    return { connectionOptions: { address, ...present(others) }, namespace: namespace ?? 'default' };
  } catch (error) {
    // Only the first line: the others of a TOML error quote the file, which may hold an API key.
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    return `TEMPORAL_*: expected settings that the temporal command would accept, got: ${String(reason)}`;
  }
};

/** The checked variables and Temporal's own settings; throws one ConfigurationError with all problems. */
const read = <T extends z.ZodType>(
  schema: T,
  env: NodeJS.ProcessEnv,
): { variables: z.output<T>; temporal: TemporalConfiguration } => {
  const given = givenIn(env);
  const parsed = schema.safeParse(given);
  const temporal = readTemporal(given);
  if (parsed.success && typeof temporal !== 'string') return { variables: parsed.data, temporal };
  throw new ConfigurationError([
    ...(parsed.success ? [] : problemsOf(parsed.error, given)),
    ...(typeof temporal === 'string' ? [temporal] : []),
  ]);
};

const clientPart = (
  variables: z.output<typeof CLIENT_VARIABLES>,
  temporal: TemporalConfiguration,
): ClientConfiguration => ({
  taskQueue: variables.POLO_TASK_QUEUE,
  temporal,
  crons: {
    discovery: variables.POLO_DISCOVERY_CRON,
    coverage: variables.POLO_COVERAGE_CRON,
    digest: variables.POLO_DIGEST_CRON,
  },
  ...present({ temporalUiUrl: variables.POLO_TEMPORAL_UI_URL }),
});

/** The command line's part of the environment. Throws a ConfigurationError. */
export const readClientConfiguration = (env: NodeJS.ProcessEnv = process.env): ClientConfiguration => {
  const { variables, temporal } = read(CLIENT_VARIABLES, env);
  return clientPart(variables, temporal);
};

/** The worker's environment, and what is allowed but should be known. Throws a ConfigurationError. */
export const readWorkerConfiguration = (
  env: NodeJS.ProcessEnv = process.env,
): { configuration: WorkerConfiguration; warnings: string[] } => {
  const { variables: v, temporal } = read(WORKER_VARIABLES, env);
  const server = v.CLICKHOUSE_URL !== undefined && {
    url: v.CLICKHOUSE_URL,
    user: v.CLICKHOUSE_USER,
    password: v.CLICKHOUSE_PASSWORD,
    sequentialReads: v.CLICKHOUSE_SEQUENTIAL_READS === 'true',
  };
  const publicHost = v.POLO_STATUS_URL === undefined ? [] : [new URL(v.POLO_STATUS_URL).hostname];
  const status = v.POLO_STATUS_ADDRESS !== null && {
    ...v.POLO_STATUS_ADDRESS,
    ...present({ token: v.POLO_STATUS_TOKEN }),
    hosts: [...new Set([...v.POLO_STATUS_HOSTS, ...publicHost])],
  };
  const tags = { accountRole: v.POLO_ACCOUNT_ROLE_TAG, owner: v.POLO_OWNER_TAG };
  const action = v.POLO_ACTION_ROLE_NAME === 'none' ? undefined : v.POLO_ACTION_ROLE_NAME;
  const configuration = {
    ...clientPart(v, temporal),
    env: v.POLO_ENV,
    awsRegion: v.AWS_REGION,
    roles: { read: readRoleName(v.POLO_ENV), ...present({ action, externalId: v.POLO_EXTERNAL_ID }) },
    stackSet: {
      name: v.POLO_STACK_SET_NAME ?? stackSetName(v.POLO_ENV),
      region: v.POLO_STACK_SET_REGION,
      callAs: v.POLO_STACK_SET_CALL_AS,
    },
    rates: { organizations: v.POLO_ORGANIZATIONS_RATE, sts: v.POLO_STS_RATE },
    registry: { database: v.CLICKHOUSE_DATABASE, dataDir: v.POLO_DATA_DIR, ...(server && { server }) },
    logLevel: v.LOG_LEVEL,
    timeScale: v.POLO_TIME_SCALE,
    ...(v.POLO_ACCOUNT_TAGS === 'on' && { tags }),
    ...present({
      organizationRoleArn: v.POLO_ORGANIZATION_ROLE_ARN,
      slackWebhookUrl: v.SLACK_WEBHOOK_URL,
      heartbeatUrl: v.POLO_HEARTBEAT_URL,
      statusUrl: v.POLO_STATUS_URL,
      metricsAddress: v.POLO_METRICS_ADDRESS,
    }),
    ...(status && { status }),
  };
  const warnings = [
    ...(v.POLO_EXTERNAL_ID === undefined ? [NO_EXTERNAL_ID] : []),
    ...(v.POLO_TIME_SCALE < 1 ? ['POLO_TIME_SCALE shortens every wait: it is meant for tests and demos'] : []),
  ];
  return { configuration, warnings };
};

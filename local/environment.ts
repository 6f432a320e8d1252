/**
 * What `npm start` reads from its environment, and what its processes get of it: nothing that could lead them to a real
 * AWS account, Temporal server or ClickHouse (design 7).
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Everything else stays behind: credentials, profiles, proxies and every setting of a production worker. */
const INHERITED = [
  ...'PATH HOME USER LOGNAME SHELL TMPDIR TZ LANG LC_ALL NODE_OPTIONS NODE_EXTRA_CA_CERTS'.split(' '),
  ...'LOG_LEVEL POLO_ACCOUNT_TAGS POLO_DISCOVERY_CRON POLO_COVERAGE_CRON POLO_DIGEST_CRON'.split(' '),
];

/** An empty variable counts as unset. */
const given = (name: string): string | undefined => (process.env[name] === '' ? undefined : process.env[name]);

/** The part of our environment that every process may have. */
export const inherited = (): Record<string, string> =>
  Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = given(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Where the data of `npm start` is: POLO_DATA_DIR, or .polo in the current folder. */
export const dataFolder = (): string => resolve(given('POLO_DATA_DIR') ?? '.polo');

/** The Temporal CLI that the user wants, if any. */
export const wantedTemporal = (): string | undefined => given('TEMPORAL_CLI');

/** The Chromium that the user wants the tests to use, if any. */
export const wantedChromium = (): string | undefined => given('CHROMIUM');

/** Where things that can be made again are kept between clones. */
export const cacheFolder = (): string => join(given('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'polo-accounts');

/** The environment in which the user's own tools, such as go, run. */
export const ownEnvironment = (additions: Record<string, string>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...additions,
});

/** Where the processes of the demo find what they talk to. */
export interface Surroundings {
  temporalAddress: string;
  awsUrl: string;
  dataFolder: string;
}

/** What the worker of the demo has to know besides. */
export interface Demo extends Surroundings {
  env: string;
  externalId: string;
  temporalUiUrl: string;
  statusAddress: string;
}

/** The environment of the demo's collector: the same as in production, with every way out of this machine closed. */
export const collectorEnvironment = ({
  temporalAddress,
  awsUrl,
  dataFolder,
}: Surroundings): Record<string, string> => ({
  ...inherited(),
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_CONFIG_FILE: join(dataFolder, 'none.toml'), // an absent file is none, an empty one an error
  AWS_ENDPOINT_URL: awsUrl,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'demo',
  AWS_SECRET_ACCESS_KEY: 'demo',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

/** The environment of the demo's worker: the production worker, as closed. */
export const workerEnvironment = (demo: Demo): Record<string, string> => ({
  ...collectorEnvironment(demo),
  POLO_ENV: demo.env,
  POLO_EXTERNAL_ID: demo.externalId,
  POLO_DATA_DIR: demo.dataFolder,
  POLO_STATUS_ADDRESS: demo.statusAddress,
  POLO_TEMPORAL_UI_URL: demo.temporalUiUrl,
  POLO_ORGANIZATIONS_RATE: '200',
  POLO_TIME_SCALE: '0.1',
});

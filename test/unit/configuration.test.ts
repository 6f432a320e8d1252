import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  readClientConfiguration,
  readWorkerConfiguration,
  type WorkerConfiguration,
} from '../../configuration.ts';

/** A directory without a Temporal configuration file: what the developer's own says is not tested here. */
const TEMPORAL_CONFIG_FILE = join(tmpdir(), 'polo-no-such-file.toml');

const configure = (env: NodeJS.ProcessEnv): WorkerConfiguration =>
  readWorkerConfiguration({ TEMPORAL_CONFIG_FILE, POLO_ENV: 'test', ...env }).configuration;

const problems = (env: NodeJS.ProcessEnv): string[] => {
  try {
    readWorkerConfiguration({ TEMPORAL_CONFIG_FILE, POLO_ENV: 'test', ...env });
  } catch (error) {
    assert(error instanceof ConfigurationError);
    return error.problems;
  }
  return [];
};

describe('the configuration of a worker', () => {
  it('needs POLO_ENV and nothing else', () => {
    assert.deepEqual(configure({}), {
      env: 'test',
      taskQueue: 'polo-accounts',
      temporal: { connectionOptions: { address: 'localhost:7233' }, namespace: 'default' },
      crons: { discovery: '17 3 * * *', coverage: '7 * * * *', digest: '0 8 * * 1' },
      awsRegion: 'us-east-1',
      roles: { read: 'test-PoloReadRole', action: 'polo-action-role' },
      stackSet: { name: 'test-polo-roles', region: 'us-east-1', callAs: 'SELF' },
      rates: { organizations: 3, sts: 50 },
      tags: { accountRole: 'polo:account-role', owner: 'polo:owner' },
      registry: { database: 'polo', dataDir: '.polo' },
      status: { host: '127.0.0.1', port: 8321, hosts: [] },
      logLevel: 'info',
      timeScale: 1,
    });
  });

  it('takes every variable', () => {
    const given = configure({
      POLO_TASK_QUEUE: 'accounts-2',
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'polo',
      AWS_REGION: 'us-gov-west-1',
      POLO_ACTION_ROLE_NAME: 'none',
      POLO_EXTERNAL_ID: 'an:external/id',
      POLO_STACK_SET_NAME: 'Roles',
      POLO_STACK_SET_REGION: 'eu-west-1',
      POLO_STACK_SET_CALL_AS: 'DELEGATED_ADMIN',
      POLO_ORGANIZATION_ROLE_ARN: 'arn:aws:iam::111122223333:role/path/organization',
      CLICKHOUSE_URL: 'https://clickhouse.example.com:8443/',
      CLICKHOUSE_USER: 'polo',
      CLICKHOUSE_PASSWORD: 'p',
      CLICKHOUSE_DATABASE: 'polo_2',
      CLICKHOUSE_SEQUENTIAL_READS: 'true',
      POLO_DATA_DIR: '/var/lib/polo',
      POLO_TEMPORAL_UI_URL: 'https://temporal.example.com/ui/',
      POLO_STS_RATE: '100',
      POLO_ORGANIZATIONS_RATE: '1.5',
      POLO_METRICS_ADDRESS: '[::1]:9464',
      LOG_LEVEL: 'debug',
      POLO_DISCOVERY_CRON: '*/30 1-5 * JAN,MAR MON-FRI',
      POLO_COVERAGE_CRON: '*/15 * * * *',
      POLO_DIGEST_CRON: '0 7 * * FRI',
      SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/secret',
      POLO_HEARTBEAT_URL: 'https://hc-ping.com/secret?create=1',
      POLO_STATUS_URL: 'https://polo.example.com/accounts/',
      POLO_ACCOUNT_TAGS: 'off',
      POLO_TIME_SCALE: '.01',
      POLO_STATUS_ADDRESS: '0.0.0.0:80',
      POLO_STATUS_TOKEN: 'open-sesame',
      POLO_STATUS_HOSTS: 'Polo.example.com, 10.0.0.7:8321',
    });
    assert.deepEqual(given, {
      env: 'test',
      taskQueue: 'accounts-2',
      temporal: {
        connectionOptions: { address: 'temporal.example.com:7233' },
        namespace: 'polo',
      },
      crons: { discovery: '*/30 1-5 * JAN,MAR MON-FRI', coverage: '*/15 * * * *', digest: '0 7 * * FRI' },
      temporalUiUrl: 'https://temporal.example.com/ui',
      awsRegion: 'us-gov-west-1',
      organizationRoleArn: 'arn:aws:iam::111122223333:role/path/organization',
      roles: { read: 'test-PoloReadRole', externalId: 'an:external/id' },
      stackSet: { name: 'Roles', region: 'eu-west-1', callAs: 'DELEGATED_ADMIN' },
      rates: { organizations: 1.5, sts: 100 },
      registry: {
        database: 'polo_2',
        dataDir: '/var/lib/polo',
        server: {
          url: 'https://clickhouse.example.com:8443/',
          user: 'polo',
          password: 'p',
          sequentialReads: true,
        },
      },
      status: { host: '0.0.0.0', port: 80, token: 'open-sesame', hosts: ['polo.example.com', '10.0.0.7:8321'] },
      slackWebhookUrl: 'https://hooks.slack.com/services/T0/B0/secret',
      heartbeatUrl: 'https://hc-ping.com/secret?create=1',
      statusUrl: 'https://polo.example.com/accounts',
      metricsAddress: '[::1]:9464',
      logLevel: 'debug',
      timeScale: 0.01,
    });
  });

  const BAD: Record<string, string[]> = {
    POLO_ENV: ['Production', '1st', 'a'.repeat(32), 'a_b'],
    POLO_TASK_QUEUE: ['a queue', 'a\nb'],
    AWS_REGION: ['Frankfurt', 'us-east', 'us-east-1/'],
    POLO_ACTION_ROLE_NAME: ['role/path', 'r'.repeat(65)],
    POLO_EXTERNAL_ID: ['x', 'with space', 'x'.repeat(1_225)],
    POLO_STACK_SET_NAME: ['1st', 'under_score'],
    POLO_STACK_SET_REGION: ['everywhere'],
    POLO_STACK_SET_CALL_AS: ['self', 'ADMIN'],
    POLO_ORGANIZATION_ROLE_ARN: ['polo', 'arn:aws:iam::1:role/r', 'arn:aws:iam::111122223333:user/u'],
    CLICKHOUSE_URL: ['clickhouse:8123', 'ftp://h', 'http://h/polo', 'http://u:pw@h:8123', 'http://h?password=pw'],
    CLICKHOUSE_DATABASE: ['1st', 'polo; DROP', 'po-lo'],
    CLICKHOUSE_SEQUENTIAL_READS: ['yes', 'TRUE'],
    POLO_TEMPORAL_UI_URL: ['temporal:8080', 'javascript:alert(1)', 'https://u:pw@h'],
    POLO_STS_RATE: ['0', '1001', 'many', '-1', 'NaN', '1e2', ' 5'],
    POLO_ORGANIZATIONS_RATE: ['0.05', '1001', 'Infinity'],
    POLO_METRICS_ADDRESS: ['9464', 'localhost:9464', '127.0.0.1:99999'],
    LOG_LEVEL: ['verbose', 'INFO'],
    POLO_DISCOVERY_CRON: ['@daily', '3 * * *', '60 3 * * *', '17 24 * * *', '0 17 3 * * *', '1;2 * * * *'],
    POLO_ACCOUNT_ROLE_TAG: ['a*b', 'x'.repeat(129)],
    POLO_OWNER_TAG: ['<owner>'],
    POLO_ACCOUNT_TAGS: ['true'],
    POLO_TIME_SCALE: ['0', '1.5', '-0.1', 'fast'],
    POLO_STATUS_ADDRESS: ['8321', ':8321', 'off', '127.0.0.1:70000', '::1:8321', '[nope]:80'],
    POLO_STATUS_TOKEN: ['two words', 'tökén'],
    POLO_STATUS_HOSTS: ['a,,b', 'https://polo.example.com'],
  };
  for (const [variable, values] of Object.entries(BAD)) {
    it(`refuses a bad ${variable}, and says what it expects`, () => {
      for (const value of values) {
        const [problem = '', ...others] = problems({ [variable]: value });
        assert.match(problem, new RegExp(`^${variable}: expected .+, got .+`), value);
        assert.deepEqual(others, [], value);
      }
    });
  }

  it('reports all problems at once', () => {
    const found = problems({
      POLO_ENV: '',
      LOG_LEVEL: 'loud',
      POLO_STATUS_ADDRESS: '0.0.0.0:8321',
      POLO_STATUS_HOSTS: ',',
      TEMPORAL_PROFILE: 'nowhere',
    });
    const variables = ['POLO_ENV', 'LOG_LEVEL', 'POLO_STATUS_HOSTS', 'POLO_STATUS_TOKEN', 'TEMPORAL_*'];
    assert.deepEqual(
      found.map((problem) => problem.split(':')[0]),
      variables,
    );
    assert.equal(found[1], 'LOG_LEVEL: expected trace, debug, info, warn or error, got "loud"');
  });

  it('never echoes a secret', () => {
    const found = problems({
      POLO_ENV: 'Bad',
      POLO_EXTERNAL_ID: 'hush hush',
      POLO_STATUS_TOKEN: 'hush hush',
      CLICKHOUSE_PASSWORD: 'hush hush',
      SLACK_WEBHOOK_URL: 'hooks.slack.com/services/hush',
      POLO_HEARTBEAT_URL: 'hc-ping.com/hush',
      CLICKHOUSE_URL: 'http://polo:hush@clickhouse:8123',
      POLO_TEMPORAL_UI_URL: 'http://polo:hush@temporal:8080',
    });
    assert.equal(found.length, 7);
    assert.doesNotMatch(found.join('\n'), /hush/);
  });

  it('counts an empty variable as unset', () => {
    assert.deepEqual(
      configure({ POLO_STS_RATE: '', CLICKHOUSE_URL: '', POLO_STATUS_TOKEN: '', TEMPORAL_ADDRESS: '' }),
      configure({}),
    );
  });

  it('demands a token where other machines reach the status page', () => {
    for (const address of ['127.0.0.1:80', '127.8.8.8:80', '[::1]:80', 'localhost:80', 'none']) {
      assert.deepEqual(problems({ POLO_STATUS_ADDRESS: address }), [], address);
    }
    for (const address of ['0.0.0.0:80', '[::]:80', '10.0.0.7:80', 'polo.example.com:80', '127.example.com:80']) {
      assert.match(problems({ POLO_STATUS_ADDRESS: address }).join('\n'), /^POLO_STATUS_TOKEN: expected a token/);
      assert.deepEqual(problems({ POLO_STATUS_ADDRESS: address, POLO_STATUS_TOKEN: 't' }), [], address);
    }
  });

  it('answers to the host of its public address as well', () => {
    const hosts = (env: NodeJS.ProcessEnv): string[] | undefined => configure(env).status?.hosts;
    const url = 'https://Polo.example.com:8443/accounts';
    assert.deepEqual(hosts({ POLO_STATUS_URL: url }), ['polo.example.com']);
    assert.deepEqual(hosts({ POLO_STATUS_URL: 'http://[fd00::7]' }), ['[fd00::7]']);
    assert.deepEqual(hosts({ POLO_STATUS_URL: url, POLO_STATUS_HOSTS: 'polo' }), ['polo', 'polo.example.com']);
    assert.deepEqual(hosts({ POLO_STATUS_URL: url, POLO_STATUS_HOSTS: 'polo.example.com' }), ['polo.example.com']);
    assert.deepEqual(hosts({}), []);
  });

  it('has no status page with none', () => {
    assert.equal(configure({ POLO_STATUS_ADDRESS: 'none' }).status, undefined);
  });

  it('warns without an external id, and when waits are shortened', () => {
    const warnings = (env: NodeJS.ProcessEnv): string[] =>
      readWorkerConfiguration({ TEMPORAL_CONFIG_FILE, POLO_ENV: 'test', ...env }).warnings;
    assert.match(warnings({}).join('\n'), /^POLO_EXTERNAL_ID [^\n]*$/);
    assert.deepEqual(warnings({ POLO_EXTERNAL_ID: 'an-id' }), []);
    assert.match(warnings({ POLO_EXTERNAL_ID: 'an-id', POLO_TIME_SCALE: '0.1' }).join('\n'), /^POLO_TIME_SCALE/);
  });
});

describe("Temporal's part of the configuration", () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'polo-configuration-'))));
  after(() => {
    rmSync(directory, { recursive: true });
  });

  const file = (content: string): string => {
    const path = join(directory, 'temporal.toml');
    writeFileSync(path, content);
    return path;
  };

  it('comes from the same file as that of the temporal command', () => {
    const path = file('[profile.default]\naddress = "temporal.internal:7233"\nnamespace = "polo"\n');
    assert.deepEqual(readClientConfiguration({ TEMPORAL_CONFIG_FILE: path }).temporal, {
      connectionOptions: { address: 'temporal.internal:7233' },
      namespace: 'polo',
    });
  });

  it('is a problem like any other when the file is malformed, and the file is not quoted', () => {
    const path = file('[profile.default]\napi_key = "hush\n');
    const found = problems({ TEMPORAL_CONFIG_FILE: path, LOG_LEVEL: 'loud' });
    assert.equal(found.length, 2);
    assert.match(found.join('\n'), /TEMPORAL_\*: expected .*TOML/);
    assert.doesNotMatch(found.join('\n'), /hush/);
  });

  it('is a problem when a certificate is missing', () => {
    const found = problems({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(directory, 'none.pem') });
    assert.match(found.join('\n'), /^TEMPORAL_\*: .*none\.pem/);
  });
});

describe('the configuration of the command line', () => {
  it('needs nothing, and ignores what only workers read', () => {
    assert.deepEqual(readClientConfiguration({ TEMPORAL_CONFIG_FILE, LOG_LEVEL: 'loud' }), {
      taskQueue: 'polo-accounts',
      temporal: { connectionOptions: { address: 'localhost:7233' }, namespace: 'default' },
      crons: { discovery: '17 3 * * *', coverage: '7 * * * *', digest: '0 8 * * 1' },
    });
  });

  it('reports all of its own problems at once', () => {
    assert.throws(
      () => readClientConfiguration({ TEMPORAL_CONFIG_FILE, POLO_TASK_QUEUE: 'a b', POLO_DISCOVERY_CRON: 'daily' }),
      (error: ConfigurationError) => {
        assert.equal(error.code, 'InvalidConfiguration');
        return error.problems.length === 2;
      },
    );
  });
});

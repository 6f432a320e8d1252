/** Every environment variable: what it may be and what it is by default (design 7). Messages complete "expected …". */
import { isIP } from 'node:net';
import * as z from 'zod';
import { TASK_QUEUE } from './domain/contract.ts';
import { ACTION_ROLE_NAME, ENVIRONMENT, EXTERNAL_ID, STACK_SET_REGION } from './domain/names.ts';

/** A host and a port to listen on; port 0 means any free one. */
export interface Address {
  host: string;
  port: number;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const text = (pattern: RegExp, expectation: string) => z.string(expectation).regex(pattern, expectation);

const number = (min: number, max: number, expectation: string) =>
  z
    .string()
    .regex(/^\d*\.?\d+$/, expectation)
    .transform(Number)
    .refine((value) => value >= min && value <= max, expectation);

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, values.join(', ').replace(/, ([^,]*)$/, ' or $1'));

const region = text(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'an AWS region such as us-east-1');

const tagKey = text(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u, 'the key of an AWS tag, at most 128 characters');

const isWebUrl = (url: URL | null): url is URL => url !== null && /^https?:$/.test(url.protocol);

/** Without credentials, path and query: each has a variable of its own, or no meaning here. */
const serverUrl = z.string().refine((value) => {
  const url = URL.parse(value);
  return isWebUrl(url) && url.href === `${url.origin}/`;
}, 'http://host:port or https://host:port, without credentials, path or query');

const pageUrl = z.string().refine((value) => {
  const url = URL.parse(value);
  return isWebUrl(url) && url.username === '' && url.password === '';
}, 'an http or https URL without credentials');

/** The beginning of links; each of them has to fit a message. */
const linkUrl = pageUrl
  .refine((url) => url.length <= 500, 'at most 500 characters')
  .transform((url) => url.replace(/\/+$/, ''));

const parseAddress = (value: string): Address | undefined => {
  const [, v6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(value) ?? [];
  if (port === undefined || Number(port) > 65_535 || (v6 !== undefined && isIP(v6) !== 6)) return undefined;
  return { host: (v6 ?? name ?? '').toLowerCase(), port: Number(port) };
};

/** Null for none: zod would put the default in the place of undefined. */
const statusAddress = z.string().transform((value, context): Address | null => {
  const address = parseAddress(value);
  if (!address && value !== 'none') context.addIssue('host:port such as 127.0.0.1:8321, or none');
  return address ?? null;
});

/** The Prometheus exporter binds to an address, it resolves no names. */
const metricsAddress = z
  .string()
  .refine((value) => isIP(parseAddress(value)?.host ?? '') !== 0, 'address:port such as 127.0.0.1:9464');

/** Largest number of each field: minute, hour, day of month, month, day of week. */
const CRON_LIMITS = [59, 23, 31, 12, 7];

const cron = z.string().refine((value) => {
  const fields = value.trim().split(/\s+/);
  const fits = (field: string, limit: number): boolean =>
    /^[\da-z*,/-]+$/i.test(field) && (field.match(/\d+/g) ?? []).every((part) => Number(part) <= limit);
  return fields.length === 5 && CRON_LIMITS.every((limit, index) => fits(fields[index] ?? '', limit));
}, 'five cron fields (minute, hour, day of month, month, day of week) such as 17 3 * * *');

const hostList = z
  .string()
  .transform((list) => list.split(',').map((host) => host.trim().toLowerCase()))
  .pipe(z.array(text(/^[\w.-]+(:\d+)?$/, 'a list such as polo.example.com,10.0.0.7:8321')));

/** What the command line reads. */
export const CLIENT_VARIABLES = z.object({
  POLO_TASK_QUEUE: text(/^[^\s\p{C}]{1,200}$/u, 'a name without spaces').default(TASK_QUEUE),
  POLO_DISCOVERY_CRON: cron.default('17 3 * * *'),
  POLO_COVERAGE_CRON: cron.default('7 * * * *'),
  POLO_DIGEST_CRON: cron.default('0 8 * * 1'),
  POLO_TEMPORAL_UI_URL: linkUrl.optional(),
});

const onLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** What the worker reads. */
export const WORKER_VARIABLES = CLIENT_VARIABLES.extend({
  POLO_ENV: text(ENVIRONMENT, '[a-z][a-z0-9-]{0,30}, such as production'),
  AWS_REGION: region.default('us-east-1'),
  POLO_ACTION_ROLE_NAME: text(/^[\w+=,.@-]{1,64}$/, 'the name of an IAM role, or none').default(ACTION_ROLE_NAME),
  POLO_EXTERNAL_ID: text(EXTERNAL_ID, '2 to 1224 characters of A-Za-z0-9_+=,.@:/-').optional(),
  POLO_STACK_SET_NAME: text(/^[a-z][a-z0-9-]{0,127}$/i, 'a letter, then letters, digits and hyphens').optional(),
  POLO_STACK_SET_REGION: region.default(STACK_SET_REGION),
  POLO_STACK_SET_CALL_AS: oneOf(['SELF', 'DELEGATED_ADMIN']).default('SELF'),
  POLO_ORGANIZATION_ROLE_ARN: text(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/,
    'the ARN of an IAM role',
  ).optional(),
  CLICKHOUSE_URL: serverUrl.optional(),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  CLICKHOUSE_DATABASE: text(/^[a-z_]\w{0,62}$/i, 'an identifier of letters, digits and _').default('polo'),
  CLICKHOUSE_SEQUENTIAL_READS: oneOf(['true', 'false']).default('false'),
  POLO_DATA_DIR: text(/^[^\0]+$/, 'the path of a directory').default('.polo'),
  POLO_STS_RATE: number(10, 1_000, 'a number from 10 to 1000').default(50),
  POLO_ORGANIZATIONS_RATE: number(1, 1_000, 'a number from 1 to 1000').default(3),
  SLACK_WEBHOOK_URL: pageUrl.optional(),
  POLO_HEARTBEAT_URL: pageUrl.optional(),
  POLO_STATUS_URL: linkUrl.optional(),
  POLO_METRICS_ADDRESS: metricsAddress.optional(),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  POLO_ACCOUNT_ROLE_TAG: tagKey.default('polo:account-role'),
  POLO_OWNER_TAG: tagKey.default('polo:owner'),
  POLO_ACCOUNT_TAGS: oneOf(['on', 'off']).default('on'),
  POLO_TIME_SCALE: number(Number.MIN_VALUE, 1, 'a number above 0, at most 1').default(1),
  POLO_STATUS_ADDRESS: statusAddress.default({ host: '127.0.0.1', port: 8321 }),
  POLO_STATUS_TOKEN: text(/^[\x21-\x7e]+$/, 'printable ASCII characters without spaces').optional(),
  POLO_STATUS_HOSTS: hostList.default([]),
}).refine(
  ({ POLO_STATUS_ADDRESS: address, POLO_STATUS_TOKEN: token }) =>
    token !== undefined || address === null || onLoopback(address.host),
  {
    path: ['POLO_STATUS_TOKEN'],
    error: 'a token, because POLO_STATUS_ADDRESS can be reached from other machines',
    // Told together with everything else that is wrong, unless the address or the token itself is.
    when: ({ issues }) => !issues.some(({ path }) => /^POLO_STATUS_(ADDRESS|TOKEN)$/.test(String(path?.[0]))),
  },
);

/** Variables whose values are never shown, whatever is wrong with them. */
const SECRETS = new Set([
  'CLICKHOUSE_PASSWORD',
  'POLO_EXTERNAL_ID',
  'POLO_STATUS_TOKEN',
  'SLACK_WEBHOOK_URL',
  'POLO_HEARTBEAT_URL',
]);

/** What came, for a message: secrets, and URLs that may hold one, are not shown. */
const shown = (variable: string, value: string | undefined): string => {
  if (value === undefined) return 'nothing';
  const secret = SECRETS.has(variable) || (variable.endsWith('_URL') && /[@?]/.test(value));
  return secret ? 'a value that is not shown' : JSON.stringify(value.slice(0, 200));
};

/** One line for each variable that is wrong: name, expectation, what came. */
export const problemsOf = (error: z.ZodError, given: Record<string, string>): string[] => {
  const lines = error.issues.map(({ path, message }) => {
    const variable = String(path[0]);
    return `${variable}: expected ${message}, got ${shown(variable, given[variable])}`;
  });
  return [...new Set(lines)];
};

/**
 * What each workflow accepts (design 5). Ops type these as JSON in the Temporal UI, so every message is for people.
 * The workflows of a worker share this module and zod (`worker/bundle.ts`), and find everything frozen that they export.
 */
import * as z from 'zod';
import { isAccountId } from './account.ts';
import { cutText, jsonBytes } from './bytes.ts';
import { POLO_STATUSES } from './contract.ts';

const accountId = z.string().refine(isAccountId, 'expected the 12 digits of an AWS account id, as text');

/** Text of people that ends up in rows and on screens. */
const line = (length: number) =>
  z
    .string()
    .trim()
    .min(1, 'expected some text')
    .max(length, `expected at most ${String(length)} characters`)
    .regex(/^\P{Cc}*$/u, 'expected one line without control characters');

const name = line(200);

const reason = line(500);

/** Of ISO 8601 up to the year 9999; ClickHouse ends even before. */
const LENGTH_OF_A_TIME = 24;

/** A copy: zod sets `lastIndex` of a pattern before each use, and its own patterns are frozen, so `z.iso.date()` throws. */
const DATE = new RegExp(z.regexes.date);

/** A date means through its end; a time needs a zone, or two readers would understand two different times. */
const until = z.union(
  [
    z
      .string()
      .regex(DATE)
      .transform((date) => `${date}T23:59:59.999Z`),
    z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time).toISOString())
      .refine((time) => time.length === LENGTH_OF_A_TIME),
  ],
  'expected a date such as 2027-01-31, or a time with zone such as 2027-01-31T18:00:00Z',
);

const origin = z.strictObject({ workflowId: z.string(), runId: z.string(), actor: z.string() });

const facts = z.object({
  id: accountId,
  name: z.string(),
  email: z.string(),
  state: z.string(),
  partition: z.string(),
  managementAccount: z.boolean(),
  place: z.object({ parentId: z.string(), units: z.array(z.string()) }).optional(),
});

const command = { id: z.string().min(1, 'expected some text'), origin };

/** What `account/<id>` applies; our own workflows send it, but anybody may type it. */
const accountCommand = z.discriminatedUnion(
  'kind',
  [
    z.object({
      ...command,
      kind: z.literal('verify'),
      facts,
      dryRun: z.boolean().optional(),
      amongMany: z.boolean().optional(),
      atOnce: z.boolean().optional(),
    }),
    z.object({ ...command, kind: z.literal('depart'), dryRun: z.boolean().optional() }),
    z.object({ ...command, kind: z.literal('exclude'), reason: z.string(), until: z.string().optional() }),
    z.object({ ...command, kind: z.literal('include'), facts }),
    z.object({
      ...command,
      kind: z.literal('setTags'),
      accountRole: z.string().optional(),
      owner: z.string().optional(),
    }),
    z.object({
      ...command,
      kind: z.literal('recordScan'),
      workflowType: z.string(),
      at: z.iso.datetime(),
      failure: z.string().optional(),
    }),
  ],
  'expected verify, depart, exclude, include, setTags or recordScan',
);

/** AWS nests units five deep, with names of at most 128 characters. */
const PATH_LENGTH = 1_000;

const unitPath = z
  .string()
  .max(PATH_LENGTH, `expected at most ${String(PATH_LENGTH)} characters`)
  .regex(/^\/(?:$|.*[^/]$)/, 'expected the path of an organizational unit such as /Workloads/Production');

/** A list that names at least one, or it would silently mean all or nothing. */
const some = <T extends z.ZodType>(entry: T) => z.array(entry).min(1, 'expected at least one entry').max(5_000);

const filter = z.strictObject({
  accountIds: some(accountId).exactOptional(),
  orgUnits: some(unitPath).exactOptional(),
  accountRoles: some(line(256)).exactOptional(),
  owners: some(line(256)).exactOptional(),
});

/** Each account's workflow gets it, so it stands in the history once for each. */
const INPUT_BYTES = 64 * 1024;

/** Schemas by workflow type; unknown fields are refused everywhere. Not exported, so not frozen. */
const INPUTS = {
  discoverAccounts: z.strictObject({
    dryRun: z.boolean().optional(),
    accountIds: z.array(accountId).min(1, 'expected at least one account id').max(5_000).optional(),
    acceptDepartures: z.int().min(1, 'expected at least 1').optional(),
    acceptRefusals: z.boolean().optional(),
  }),
  verifyAccount: z.strictObject({ accountId }),
  excludeAccount: z.strictObject({ accountId, reason, until: until.optional(), by: name }),
  includeAccount: z.strictObject({ accountId, by: name }),
  onboardAccount: z.strictObject({ accountId: accountId.optional() }),
  onboardAccounts: z
    .strictObject({
      accountIds: z.array(accountId).min(1, 'expected at least one account id').max(5_000).optional(),
      orgUnit: unitPath.optional(),
      allPending: z.literal(true, 'expected true').optional(),
      maxConcurrent: z.int().min(1, 'expected at least 1').max(100, 'expected at most 100').optional(),
    })
    .refine(
      ({ accountIds, orgUnit, allPending }) =>
        [accountIds, orgUnit, allPending].filter((given) => given !== undefined).length === 1,
      'expected exactly one of accountIds, orgUnit and allPending',
    ),
  collectAcrossAccounts: z.strictObject({
    workflowType: line(1_000),
    taskQueue: line(1_000),
    input: z
      .unknown()
      .refine((given) => jsonBytes(given) <= INPUT_BYTES, 'expected at most 64 KiB as JSON')
      .optional(),
    include: filter.optional(),
    exclude: filter.optional(),
    maxConcurrent: z.int().min(1, 'expected at least 1').max(200, 'expected at most 200').optional(),
    accountTimeoutSeconds: z.int().min(1, 'expected at least 1').max(86_400, 'expected at most 86400').optional(),
    recordScans: z.boolean().optional(),
    includeResults: z.boolean().optional(),
  }),
  readRegistry: z
    .strictObject({
      what: z.enum(['accounts', 'coverage', 'history', 'setup'], 'expected accounts, coverage, history or setup'),
      accountId: accountId.optional(),
      status: z.enum(POLO_STATUSES, `expected one of ${POLO_STATUSES.join(', ')}`).optional(),
      after: z.string().max(500).optional(),
      limit: z.int().min(1, 'expected at least 1').max(1_000, 'expected at most 1000').optional(),
    })
    .refine(({ what, accountId: id }) => id === undefined || what === 'history', {
      path: ['accountId'],
      error: 'expected with history only',
    })
    .refine(({ what, status }) => status === undefined || what === 'accounts', {
      path: ['status'],
      error: 'expected with accounts only',
    }),
  reportCoverage: z.strictObject({}),
  checkSetup: z.strictObject({}),
  weeklyDigest: z.strictObject({ post: z.boolean().optional() }),
  account: accountCommand,
  accountSettings: z.object({
    secondLook: z.number(),
    roleSettles: z.number(),
    readRoleName: z.string(),
    actionRoleName: z.string().optional(),
  }),
  discoverBatch: z.object({
    entries: z.array(z.union([z.object({ facts }), z.object({ named: accountId }), z.object({ missing: accountId })])),
    origin,
    dryRun: z.boolean(),
    lanes: z.int().min(1).optional(),
    room: z.object({ changes: z.int().min(0), failures: z.int().min(0) }).optional(),
  }),
  readAccountTags: z.object({
    due: z.array(z.object({ accountId, accountRole: z.string().optional(), owner: z.string().optional() })),
    origin,
  }),
} as const;

export type InputType = keyof typeof INPUTS;

/** An input that has been checked. */
export type Input<Type extends InputType> = z.output<(typeof INPUTS)[Type]>;

export const INPUT_TYPES = Object.keys(INPUTS) as InputType[];

/** The schema of a workflow's input. */
export const inputSchema = <Type extends InputType>(type: Type): (typeof INPUTS)[Type] => INPUTS[type];

/** Most bytes that are said about one input: a list of thousands of wrong ids must still fit a failure. */
const PROBLEMS_BYTES = 4_000;

/** What is wrong with an input, in words, one problem after the other: field, expectation, what came. */
export const problemsOf = (error: z.ZodError, input: unknown): string => {
  const problems = error.issues.map((issue) => {
    const field = issue.path.length === 0 ? 'input' : issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return `${field}: unknown field ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    const expectation =
      issue.code === 'invalid_type'
        ? `expected ${issue.expected === 'int' ? 'a whole number' : issue.expected}`
        : issue.message;
    return `${field}: ${expectation}, got ${shown(issue.path.reduce(member, input))}`;
  });
  return cutText(problems.join('; '), PROBLEMS_BYTES);
};

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;

/** A value as JSON, cut to a length that still fits a message. */
const shown = (value: unknown): string => (value === undefined ? 'nothing' : cutText(JSON.stringify(value), 100));

/** True if two inputs say the same; absent and undefined fields don't differ, nor does the order of fields. */
export const sameInput = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (input: unknown): string =>
  JSON.stringify(input ?? {}, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value,
  );

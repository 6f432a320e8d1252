/** What each workflow accepts (design 5). Ops type these as JSON in the Temporal UI, so every message is for people. */
import * as z from 'zod';
import { POLO_STATUSES } from './contract.ts';
import { cutText } from './failures.ts';

const accountId = z.string().regex(/^\d{12}$/, 'expected the 12 digits of an AWS account id, as text');

const name = z.string().trim().min(1, 'expected some text').max(200, 'expected at most 200 characters');

const reason = z.string().trim().min(1, 'expected some text').max(500, 'expected at most 500 characters');

/** A date means through its end; a time needs a zone, or two readers would understand two different times. */
const until = z.union(
  [
    z.iso.date().transform((date) => `${date}T23:59:59.999Z`),
    z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString()),
  ],
  'expected a date such as 2027-01-31, or a time with zone such as 2027-01-31T18:00:00Z',
);

/** Schemas by workflow type; unknown fields are refused everywhere. */
export const INPUTS = {
  discoverAccounts: z.strictObject({
    dryRun: z.boolean().optional(),
    accountIds: z.array(accountId).min(1, 'expected at least one account id').max(5_000).optional(),
    acceptDepartures: z.int().min(1).optional(),
    acceptRefusals: z.boolean().optional(),
  }),
  verifyAccount: z.strictObject({ accountId }),
  excludeAccount: z.strictObject({ accountId, reason, until: until.optional(), by: name }),
  includeAccount: z.strictObject({ accountId, by: name }),
  readRegistry: z.strictObject({
    what: z.enum(['accounts', 'coverage', 'history'], 'expected accounts, coverage or history'),
    accountId: accountId.optional(),
    status: z.enum(POLO_STATUSES, `expected one of ${POLO_STATUSES.join(', ')}`).optional(),
    after: z.string().max(500).optional(),
    limit: z.int().min(1).max(1_000).optional(),
  }),
} as const;

/** Most bytes that are said about one input: a list of thousands of wrong ids must still fit a failure. */
const PROBLEMS_BYTES = 4_000;

/** What is wrong with an input, in words, one problem after the other: field, expectation, what came. */
export const problemsOf = (error: z.ZodError, input: unknown): string => {
  const problems = error.issues.map((issue) => {
    const field = issue.path.length === 0 ? 'input' : issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return `${field}: unknown field ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    const expectation = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
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

/** What the addresses of the page may ask for. */
import * as z from 'zod';
import { isAccountId } from '../domain/account.ts';
import { POLO_STATUSES } from '../domain/contract.ts';

/** A query that asks for something that is not there to be asked for; its message names the parameter. */
export class BadQuery extends Error {
  readonly code = 'InvalidInput';
}

const accountId = z.string().refine(isAccountId, 'the `next` of the page before, 12 digits');

const limit = (standard: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number from 1 to 1000')
    .transform(Number)
    .refine((value) => value >= 1 && value <= 1_000, 'a whole number from 1 to 1000')
    .default(standard);

const status = z.enum(POLO_STATUSES, `one of ${POLO_STATUSES.join(', ')}`);

/** `/`: which accounts the table shows. */
export const OVERVIEW_QUERY = z.strictObject({
  status: status.exactOptional(),
  q: z.string().max(100, 'at most 100 characters').exactOptional(),
  after: accountId.exactOptional(),
});

/** `/accounts/<id>`: which part of the history. */
export const ACCOUNT_QUERY = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}\/.{1,1000}$/s, 'the `after` of a link on the page before')
    .exactOptional(),
});

/** `/coverage.json` and `/accounts.json`: pages in the order of account ids. */
export const COVERAGE_QUERY = z.strictObject({ after: accountId.exactOptional(), limit: limit(1_000) });
export const ACCOUNTS_QUERY = z.strictObject({
  after: accountId.exactOptional(),
  limit: limit(200),
  status: status.exactOptional(),
});

/** The parameters of an address; one without a value counts as absent. Throws BadQuery for the first that is wrong. */
export const readQuery = <T extends z.ZodType>(schema: T, { searchParams }: URL): z.output<T> => {
  const given = Object.fromEntries([...searchParams].filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw new BadQuery(`${issue.keys.join(', ').slice(0, 100)}: no such parameter`);
  const name = String(issue?.path[0]);
  throw new BadQuery(`${name}: expected ${String(issue?.message)}, got ${JSON.stringify(given[name]?.slice(0, 100))}`);
};

/** What columns of a row should say, by what the sandbox expects of its account or by what an operator did. */
import type { AccountRow } from '../../domain/contract.ts';
import type { Expectation } from '../../sandbox/expectation.ts';

/** A column's whole text, or a pattern that it fits. */
type WantedRow = Partial<Record<keyof AccountRow, string | RegExp>>;

const ROLE = /^arn:/;

/** Of an account that an operator excluded. */
export const excludedBy = (by: string, reason: string): WantedRow => ({
  polo_status: 'excluded',
  last_scan_error: `excluded by ${by}: ${reason}`,
  polo_read_role: '',
  polo_action_role: '',
});

/** Of an account that was verified. */
export const verifiedAs = (expected: Expectation): WantedRow => ({
  polo_status: expected.polo_status,
  last_scan_error: expected.last_scan_error_begins === '' ? '' : new RegExp(`^${expected.last_scan_error_begins}`),
  polo_read_role: expected.polo_read_role ? ROLE : '',
  polo_action_role: expected.polo_action_role ? ROLE : '',
});

/** Where a row isn't as wanted, in words. */
export const columnBreaks = (row: AccountRow | undefined, wanted: WantedRow): string[] =>
  Object.entries(wanted).flatMap(([column, value]) => {
    const stored = row?.[column as keyof AccountRow];
    const fits = typeof value === 'string' ? stored === value : typeof stored === 'string' && value.test(stored);
    return fits ? [] : [`${column}: ${stored ?? 'nothing'} instead of ${String(value)}`];
  });

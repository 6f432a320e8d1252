/** How statuses, gaps, reasons and counts are told to people. */
import type { CoverageGap, PoloStatus } from './contract.ts';
import { age, HOUR, MINUTE } from './times.ts';

/** A status as people read it: `pending setup`. */
export const statusWords = (status: PoloStatus): string => status.replace('_', ' ');

/** A gap's reason and age in words. */
export const gapWords = (
  { reason, since, hours_since_scan }: Pick<CoverageGap, 'reason' | 'since' | 'hours_since_scan'>,
  now: number,
): string => {
  const lasted = now - Date.parse(since);
  const lasts = lasted < MINUTE ? 'less than a minute' : age(lasted);
  switch (reason) {
    case 'no_access':
      return `no access for ${lasts}`;
    case 'pending_setup':
      return `not set up for ${lasts}`;
    case 'stale':
      return `last scan ${age((hours_since_scan ?? 0) * HOUR)} ago`;
    case 'never_scanned':
      return `active for ${lasts}, never scanned`;
    case 'action_role_refused':
      return `no action role for ${lasts}`;
  }
};

/** A reason without AWS's own sentence, who may not assume what: it is long and the same for all accounts. */
export const briefReason = (lastScanError: string): string =>
  lastScanError.replace(/: User: arn:.* is not authorized to perform: .*$/s, '');

/** `1 account`, `2 accounts`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${String(count)} ${count === 1 ? one : many}`;

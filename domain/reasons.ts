/** Reasons of a status as lists show them. */

/** A reason without AWS's own sentence, who may not assume what: it is long and the same for all accounts. */
export const briefReason = (lastScanError: string): string =>
  lastScanError.replace(/: User: arn:.* is not authorized to perform: .*$/s, '');

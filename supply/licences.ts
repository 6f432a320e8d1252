/** Under which licences packages may be used. */
import type { LockedPackage } from './lockfiles.ts';

/**
 * The allow-list, by SPDX identifier: each lets anybody use, change and pass on the package, in a product too, and asks for
 * no more than to keep its notices. A licence that isn't here needs a decision, not a second look.
 */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0', // data, not code: caniuse-lite
  'ISC',
  'MIT',
  'PSF-2.0', // argparse, written after Python's
  'Unlicense',
]);

/** Read in the package's own LICENSE where its manifest has none. By version, so that an upgrade is read again. */
const READ_BY_US: Record<string, string> = {
  'unionfs@4.6.0': 'Unlicense',
};

/** True if a licence of the list may be chosen. What is nested deeper than `(A OR B)` isn't understood, and so not allowed. */
export const isAllowed = (expression: string): boolean =>
  expression
    .replace(/^\(([^()]*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence)));

/** What is wrong with the licences of packages, one line for each package whose licence isn't allowed. */
export const licenceProblems = (packages: LockedPackage[]): string[] =>
  packages.flatMap(({ name, version, licence = READ_BY_US[`${name}@${version}`] }) =>
    licence !== undefined && isAllowed(licence)
      ? []
      : [`${name}@${version}: expected a licence of supply/licences.ts, got ${licence ?? 'none in its manifest'}`],
  );

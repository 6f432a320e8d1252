/** `polo-accounts coverage`: which accounts Polo doesn't see. */
import type { Command } from 'commander';
import type { Coverage, CoverageGap } from '../domain/contract.ts';
import { slackFailureText, worstFirst } from '../domain/coverage.ts';
import { EXIT } from './failures.ts';
import { clean, minute, table } from './output.ts';
import { readCoverage } from './registry.ts';
import { withTemporal } from './temporal.ts';
import { outputWidth, printData } from './terminal.ts';

const HEADER = ['ACCOUNT', 'NAME', 'REASON', 'LAST SCAN', 'SINCE', 'WHY'];

const gapRow = (gap: CoverageGap): string[] => [
  gap.account_id,
  gap.account_name,
  gap.reason,
  gap.hours_since_scan === null ? 'never' : `${String(gap.hours_since_scan)} h ago`,
  minute(gap.since),
  gap.last_scan_error,
];

/** A table of gaps, each with what to do about it on a line of its own, which is never cut. */
const gapTable = (gaps: CoverageGap[], width: number): string => {
  const [header = '', ...rows] = table(HEADER, gaps.map(gapRow), width).split('\n');
  return [header, ...gaps.flatMap(({ nextStep }, index) => [rows[index], `    Next: ${clean(nextStep)}`])].join('\n');
};

/** Coverage for people: the sentence, then the gaps, then the lesser ones. Lines of tables take at most `width` columns. */
export const coverageText = ({ sentence, slackFailure, gaps, lesserGaps }: Coverage, width = Infinity): string =>
  [
    clean(sentence),
    ...(slackFailure ? [clean(slackFailureText(slackFailure))] : []),
    ...(gaps.length > 0 ? ['', gapTable(worstFirst(gaps), width)] : []),
    ...(lesserGaps.length > 0 ? ['', 'Lesser gaps:', gapTable(lesserGaps, width)] : []),
  ].join('\n');

/** Adds the command to the program. */
export const addCoverage = (program: Command): void => {
  program
    .command('coverage')
    .summary('Tell which accounts Polo does not see.')
    .description('Tells which accounts Polo does not see, and what to do. Exits with 1 unless all is well.')
    .option('--json', 'print coverage as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      await withTemporal(async (desk) => {
        const coverage = await readCoverage(desk);
        printData(json, coverage, () => coverageText(coverage, outputWidth()));
        return coverage.status === 'ok' ? EXIT.good : EXIT.notAllWell;
      });
    });
};

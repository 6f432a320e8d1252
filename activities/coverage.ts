/** Coverage, as `domain/coverage.ts` judges it, in pieces that fit a payload. */
import type { Coverage } from '../domain/contract.ts';
import { coveragePage } from '../registry/coverage.ts';
import { reported } from './registry.ts';

export const createCoverageActivities = (read: () => Promise<Coverage>) => ({
  /** Coverage with a page of its gaps, as `Registry` pages are. */
  readCoverage: reported(async (page: { after?: string; limit: number }) => coveragePage(await read(), page)),
});

export type CoverageActivities = ReturnType<typeof createCoverageActivities>;

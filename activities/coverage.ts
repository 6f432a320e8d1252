/** Coverage and its news, as `domain/` judges them, in pieces that fit a payload. */
import { cutText } from '../domain/bytes.ts';
import type { Coverage } from '../domain/contract.ts';
import { worstFirst } from '../domain/coverage.ts';
import { eventOf, type Origin } from '../domain/events.ts';
import { newsOfAll, type Told, type ToldAccounts } from '../domain/news.ts';
import { coveragePage } from '../registry/coverage.ts';
import type { Registry } from '../registry/registry.ts';
import { reported } from './registry.ts';

/** Ids of so many accounts fit a payload, beside the few that are named. */
const ACCOUNTS_PER_PAGE = 10_000;

/** Reads coverage and news through `read` and the registry, and records what Slack was told. */
export const createCoverageActivities = (
  read: () => Promise<Coverage>,
  registry: Pick<Registry, 'readNewsCandidates' | 'appendEvents'>,
) => ({
  /** Coverage with a page of its gaps, as `Registry` pages are. */
  readCoverage: reported(async (page: { after?: string; limit: number }) => coveragePage(await read(), page)),

  /** Coverage with its worst gaps and some of the lesser ones only; counts and sentence are those of the whole. */
  readWorstGaps: reported(async (most: number): Promise<Coverage> => {
    const coverage = await read();
    const some = (gaps: Coverage['gaps']): Coverage['gaps'] =>
      worstFirst(gaps)
        .slice(0, most)
        .map((gap) => ({
          ...gap,
          account_name: cutText(gap.account_name, 200),
          last_scan_error: cutText(gap.last_scan_error, 300),
        }));
    return { ...coverage, gaps: some(coverage.gaps), lesserGaps: some(coverage.lesserGaps) };
  }),

  /** The news of a page of accounts: `next` where more follow. Times in milliseconds. */
  readNews: reported(
    async (question: { now: number; baseline?: number; after?: string }): Promise<ToldAccounts & { next?: string }> => {
      const { candidates, ...rest } = await registry.readNewsCandidates({ ...question, limit: ACCOUNTS_PER_PAGE });
      return { ...newsOfAll(candidates, question.now, question.baseline), ...rest };
    },
  ),

  /** Records of accounts what Slack was told of them; repeating it adds nothing. `at` is ISO 8601. */
  recordTold: reported(
    async (told: Partial<Record<Told, string[]>>, by: { commandId: string; at: string; origin: Origin }) => {
      const events = Object.entries(told).flatMap(([reason, accountIds]) =>
        accountIds.map((id) => eventOf(id, by.commandId, by.at, by.origin, { kind: 'slack_told', reason })),
      );
      await registry.appendEvents(events);
    },
  ),
});

export type CoverageActivities = ReturnType<typeof createCoverageActivities>;

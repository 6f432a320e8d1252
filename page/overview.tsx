/** The page `/`: is everything seen, since when not, which accounts, and all accounts. */
import type { Coverage } from '../domain/contract.ts';
import type { CoverageHistory } from '../domain/coverageHistory.ts';
import { Accounts, type Choice, type Found } from './accounts.tsx';
import { Banner, Freshness, stateInShort } from './banner.tsx';
import { Gaps } from './gaps.tsx';
import { page } from './layout.tsx';
import { Numbers } from './numbers.tsx';
import type { Site } from './site.ts';
import { Timeline } from './timeline.tsx';

/** What the page shows; `history` is absent before the first account. */
export interface Overview {
  coverage: Coverage;
  history?: CoverageHistory;
  choice: Choice;
  found: Found;
}

/** The whole document. */
export const overviewPage = ({ coverage, history, choice, found }: Overview, site: Site): string =>
  page({
    title: stateInShort(coverage),
    env: site.env,
    links: { timeline: 'Access over time', gaps: 'Gaps', accounts: 'Accounts' },
    content: (
      <>
        <h1 class="unseen">Coverage of AWS accounts</h1>
        <Banner coverage={coverage} />
        <Freshness coverage={coverage} />
        {coverage.total + coverage.excluded > 0 && <Numbers coverage={coverage} />}
        <Timeline history={history} coverage={coverage} />
        <Gaps coverage={coverage} site={site} />
        <Accounts choice={choice} found={found} coverage={coverage} site={site} />
      </>
    ),
  });

/** The accounts that Polo doesn't see, and what to do about each. */
import { Fragment, type VNode } from 'preact';
import type { Coverage, CoverageGap } from '../domain/contract.ts';
import { worstFirst } from '../domain/coverage.ts';
import { age } from '../domain/times.ts';
import { briefReason } from '../domain/words.ts';
import { SetupInstructions } from './setup.tsx';
import type { Site } from './site.ts';
import { AccountLink, counted, Mark, REASONS, STATUSES, Time } from './words.tsx';

/** Most gaps that the page shows; `/coverage.json` has all of them, in pages of at most 1,000. */
export const GAPS_SHOWN = 50;

/** Gaps and lesser gaps, worst first. */
export const Gaps = ({ coverage, site }: { coverage: Coverage; site: Site }): VNode => {
  const { gaps, lesserGaps, generatedAt, status } = coverage;
  const now = Date.parse(generatedAt);
  return (
    <section id="gaps" aria-labelledby="gaps-heading">
      <h2 id="gaps-heading">Gaps</h2>
      {gaps.length === 0 ? (
        <p>{status === 'never_ran' ? 'Nobody knows yet.' : 'None: every account that counts is covered.'}</p>
      ) : (
        <GapList gaps={gaps} now={now} site={site} />
      )}
      {lesserGaps.length > 0 && (
        <>
          <h3>Lesser gaps</h3>
          <p class="dim">Polo sees these accounts, but can't act in them.</p>
          <GapList gaps={lesserGaps} now={now} site={site} />
        </>
      )}
    </section>
  );
};

const GapList = ({ gaps, now, site }: { gaps: CoverageGap[]; now: number; site: Site }): VNode => {
  const worst = worstFirst(gaps);
  const rest = worst.slice(GAPS_SHOWN);
  const statuses = [...new Set(rest.map((gap) => gap.polo_status))];
  return (
    <>
      <ol class="gap-list">
        {worst.slice(0, GAPS_SHOWN).map((gap) => (
          <Gap key={gap.account_id} gap={gap} now={now} site={site} />
        ))}
      </ol>
      {rest.length > 0 && (
        <p class="more">
          And {counted(rest.length, 'more', 'more')}: see the accounts with{' '}
          {statuses.map((status) => (
            <Fragment key={status}>
              <a href={`/?status=${status}#accounts`}>{STATUSES[status].words}</a>,{' '}
            </Fragment>
          ))}
          or <a href="/coverage.json">coverage.json</a> for all gaps, in pages of at most 1,000.
        </p>
      )}
    </>
  );
};

const Gap = ({ gap, now, site }: { gap: CoverageGap; now: number; site: Site }): VNode => (
  <li>
    <div class="what">
      <Mark of={REASONS[gap.reason]} kind={gap.reason} />
      <p class="dim">
        since <Time at={gap.since} />, {age(now - Date.parse(gap.since))}
      </p>
      <p class="dim">
        last scan {gap.hours_since_scan === null ? 'never' : `${counted(gap.hours_since_scan, 'hour')} ago`}
      </p>
    </div>
    <div>
      <p class="name">
        <AccountLink {...gap} />
      </p>
      {gap.last_scan_error !== '' && (
        <p class="why">
          <bdi>{briefReason(gap.last_scan_error)}</bdi>
        </p>
      )}
      <p>
        <span class="dim">Next:</span> {gap.nextStep}
      </p>
      {gap.polo_status === 'pending_setup' && (
        <details>
          <summary>How to set it up</summary>
          <SetupInstructions
            accountId={gap.account_id}
            isManagementAccount={gap.isManagementAccount === true}
            site={site}
          />
        </details>
      )}
    </div>
  </li>
);

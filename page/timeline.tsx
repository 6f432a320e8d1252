/** Access over time: a picture, and the same as a table. */
import type { VNode } from 'preact';
import type { Coverage } from '../domain/contract.ts';
import type { CoverageHistory } from '../domain/coverageHistory.ts';
import { minute } from '../domain/times.ts';
import { runsOf, Picture } from './picture.tsx';
import { count, counted, STATUSES, Time } from './words.tsx';

/** The section of the page. Before the first account there is nothing to draw. */
export const Timeline = ({
  history,
  coverage,
}: {
  history: CoverageHistory | undefined;
  coverage: Coverage;
}): VNode => (
  <section id="timeline" aria-labelledby="timeline-heading">
    <h2 id="timeline-heading">Access over time</h2>
    {history ? (
      <>
        <figure>
          <Legend history={history} />
          <Picture history={history} summary={summaryOf(history, coverage)} />
          <figcaption class="dim">{summaryOf(history, coverage)} Late scans are not in the picture.</figcaption>
        </figure>
        <details>
          <summary>The same as a table</summary>
          <HistoryTable history={history} />
        </details>
      </>
    ) : (
      <p>Nothing has happened yet: the picture begins with the first discovery.</p>
    )}
  </section>
);

const Legend = ({ history }: { history: CoverageHistory }): VNode => (
  <ul class="legend">
    {(['active', 'pending_setup', 'no_access'] as const).map((status) => (
      <li key={status}>
        <Swatch fill={status} /> {STATUSES[status].words}
      </li>
    ))}
    {history.steps.some(({ lost }) => lost > 0) && (
      <li>
        <svg class="swatch" aria-hidden="true">
          <path class="lost" d="M4 3H16L10 12Z" />
        </svg>{' '}
        access lost
      </li>
    )}
    {history.listUnknown.length > 0 && (
      <li>
        <Swatch fill="unknown" /> account list over 26 h old, or none yet
      </li>
    )}
  </ul>
);

const Swatch = ({ fill }: { fill: string }): VNode => (
  <svg class="swatch" aria-hidden="true">
    <rect class="frame" fill={`url(#${fill})`} width="100%" height="100%" />
  </svg>
);

/** The picture in words, for those who don't see it. */
const summaryOf = ({ steps, from }: CoverageHistory, { accountsByStatus, total }: Coverage): string => {
  const losses = steps.filter(({ lost }) => lost > 0);
  const [latest] = losses.slice(-1);
  const lost = losses.reduce((sum, step) => sum + step.lost, 0);
  const since = new Date(from).toISOString().slice(0, 10);
  return (
    `Since ${since}: Polo has access to ${count(accountsByStatus.active)} of ${counted(total, 'account')} now. ` +
    (latest ? `Access was lost ${counted(lost, 'time')}, the latest ${between(latest)}.` : 'No access was lost.')
  );
};

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

const moment = (milliseconds: number): string => minute(iso(milliseconds));

const between = ({ from, to }: { from: number; to: number }): string =>
  moment(from) === moment(to) ? `at ${moment(from)}` : `between ${moment(from)} and ${moment(to)}`;

const HistoryTable = ({ history }: { history: CoverageHistory }): VNode => (
  <>
    <div class="scroll" tabIndex={0} role="region" aria-label="Access over time as a table">
      <table>
        <caption>Accounts by status at the end of each stretch</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            {Object.values(STATUSES).map(({ words }) => (
              <th key={words} scope="col" class="number">
                {words}
              </th>
            ))}
            <th scope="col" class="number">
              access lost
            </th>
          </tr>
        </thead>
        <tbody>
          {runsOf(history.steps).map((run) => (
            <tr key={run.from}>
              <th scope="row">
                <Time at={iso(run.from)} />
              </th>
              <td>{run.to === history.to ? 'now' : <Time at={iso(run.to)} />}</td>
              {(['active', 'pending_setup', 'no_access', 'excluded'] as const).map((status) => (
                <td key={status} class="number">
                  {count(run.accounts[status])}
                </td>
              ))}
              <td class="number">{run.lost > 0 ? count(run.lost) : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {history.listUnknown.length > 0 && (
      <>
        <p>The account list was over 26 hours old, or there was none yet:</p>
        <ul>
          {history.listUnknown.map((span) => (
            <li key={span.from}>
              <Time at={iso(span.from)} />
              {span.to === history.to ? (
                ' until now'
              ) : moment(span.from) === moment(span.to) ? (
                ', for less than a minute'
              ) : (
                <>
                  {' to '}
                  <Time at={iso(span.to)} />
                </>
              )}
            </li>
          ))}
        </ul>
      </>
    )}
  </>
);

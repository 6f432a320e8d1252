/** What happened to an account, newest first. */
import type { VNode } from 'preact';
import type { AccountEvent, PoloStatus } from '../domain/contract.ts';
import { workflowUrl, type Site } from './site.ts';
import { STATUSES, Time } from './words.tsx';

/** Events on one page. */
export const EVENTS_SHOWN = 100;

/** The section of an account's page; `next` is where older events begin. */
export const History = (props: {
  accountId: string;
  history: AccountEvent[];
  next: string | undefined;
  site: Site;
}): VNode => {
  const { accountId, history, next, site } = props;
  return (
    <section id="history" aria-labelledby="history-heading">
      <h2 id="history-heading">History</h2>
      {history.length === 0 ? (
        <p>Nothing is recorded.</p>
      ) : (
        <table class="stacked history">
          <caption>What happened, newest first</caption>
          <thead>
            <tr>
              {['When', 'What', 'Status', 'By', 'Why', 'Temporal'].map((words) => (
                <th key={words} scope="col" class={words.toLowerCase()}>
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {history.map((event) => (
              <Event key={event.event_id} event={event} site={site} />
            ))}
          </tbody>
        </table>
      )}
      {next !== undefined && (
        <nav class="ways" aria-label="Pages of the history">
          <a href={`/accounts/${accountId}?${new URLSearchParams({ after: next }).toString()}#history`} rel="next">
            Older
          </a>
        </nav>
      )}
    </section>
  );
};

const statusWords = (status: string): string => (status in STATUSES ? STATUSES[status as PoloStatus].words : status);

const Event = ({ event, site }: { event: AccountEvent; site: Site }): VNode => {
  const { from_status: from, to_status: to } = event;
  const url = event.workflow_id === '' ? undefined : workflowUrl(site, event.workflow_id, event.run_id);
  return (
    <tr>
      <th scope="row">
        <Time at={event.at} />
      </th>
      <td data-name="What">{event.kind.replaceAll('_', ' ')}</td>
      <td data-name="Status">
        {from !== '' && from !== to && `${statusWords(from)} → `}
        {statusWords(to)}
      </td>
      <td data-name="By">
        <bdi>{event.actor}</bdi>
      </td>
      <td data-name="Why">
        <bdi>{event.reason}</bdi>
        {event.until !== null && (
          <>
            {' '}
            until <Time at={event.until} />
          </>
        )}
      </td>
      <td data-name="Temporal" class="temporal">
        {url !== undefined && (
          <a href={url} aria-label={`Open workflow ${event.workflow_id} in the Temporal UI`}>
            open
          </a>
        )}
      </td>
    </tr>
  );
};

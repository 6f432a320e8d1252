/** All accounts, a page of them at a time. */
import type { ComponentChildren, VNode } from 'preact';
import {
  accountWorkflowId,
  POLO_STATUSES,
  type AccountRow,
  type Coverage,
  type PoloStatus,
} from '../domain/contract.ts';
import { workflowUrl, type Site } from './site.ts';
import { AccountLink, ago, count, counted, Mark, STATUSES, Time } from './words.tsx';

/** Accounts on one page. */
export const ACCOUNTS_SHOWN = 100;

/** What is looked at, as the address of the page has it; what is absent doesn't matter. */
export interface Choice {
  status?: PoloStatus;
  search?: string;
  after?: string;
}

/** What the registry has for a choice: a page of rows, how many rows there are, how many come before this page. */
export interface Found {
  rows: AccountRow[];
  next?: string;
  total: number;
  before: number;
}

/** The section of the page: filters, search, the table, the way on. */
export const Accounts = (props: { choice: Choice; found: Found; coverage: Coverage; site: Site }): VNode => {
  const { choice, found, coverage, site } = props;
  const { rows, before, total } = found;
  return (
    <section id="accounts" aria-labelledby="accounts-heading">
      <h2 id="accounts-heading">Accounts</h2>
      <div class="choice">
        <Filters choice={choice} coverage={coverage} />
        <Search choice={choice} />
      </div>
      {rows.length === 0 ? (
        <p>{total === 0 ? 'No account fits.' : 'No further account.'}</p>
      ) : (
        <table class="stacked accounts">
          <caption>
            {count(before + 1)}–{count(before + rows.length)} of {counted(total, 'account')}
          </caption>
          <thead>
            <tr>
              {['Account', 'Unit', 'Status', 'Last scan', 'Role, owner', 'Why'].map((words) => (
                <th key={words} scope="col">
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Account key={row.account_id} row={row} now={Date.parse(coverage.generatedAt)} site={site} />
            ))}
          </tbody>
        </table>
      )}
      <Ways choice={choice} found={found} />
    </section>
  );
};

const hrefOf = ({ status, search, after }: Choice): string => {
  const query = new URLSearchParams({
    ...(status && { status }),
    ...(search !== undefined && { q: search }),
    ...(after !== undefined && { after }),
  });
  return `/${query.size > 0 ? `?${query.toString()}` : ''}#accounts`;
};

const Filters = ({ choice, coverage }: { choice: Choice; coverage: Coverage }): VNode => {
  const { accountsByStatus, total, excluded } = coverage;
  const filters = [
    { words: 'all', accounts: total + excluded },
    ...POLO_STATUSES.map((status) => ({
      status,
      words: STATUSES[status].words,
      accounts: accountsByStatus[status],
    })),
  ];
  return (
    <nav aria-label="Accounts by status">
      <ul class="filters">
        {filters.map(({ words, accounts, ...filter }) => (
          <li key={words}>
            <a
              href={hrefOf({ ...filter, ...(choice.search !== undefined && { search: choice.search }) })}
              {...(('status' in filter ? filter.status === choice.status : choice.status === undefined) && {
                'aria-current': 'page' as const,
              })}
            >
              {words} <span class="amount">{count(accounts)}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

const Search = ({ choice }: { choice: Choice }): VNode => (
  <form action="/#accounts" role="search">
    {choice.status && <input type="hidden" name="status" value={choice.status} />}
    <label>
      Name, id, unit or owner <input type="search" name="q" maxLength={100} value={choice.search ?? ''} />
    </label>{' '}
    <button type="submit">Search</button>
  </form>
);

const Cell = ({ named, children }: { named: string; children: ComponentChildren }): VNode => (
  <td data-name={named}>{children}</td>
);

const Account = ({ row, now, site }: { row: AccountRow; now: number; site: Site }): VNode => {
  const inTemporal = workflowUrl(site, accountWorkflowId(row.account_id));
  return (
    <tr>
      <th scope="row">
        <AccountLink {...row} />
      </th>
      <Cell named="Unit">
        <bdi>{row.org_unit}</bdi>
      </Cell>
      <Cell named="Status">
        <Mark of={STATUSES[row.polo_status]} kind={row.polo_status} />
      </Cell>
      <Cell named="Last scan">
        {row.last_successful_scan === null ? (
          <Time at={null} />
        ) : (
          <span title={row.last_successful_scan}>{ago(row.last_successful_scan, now)}</span>
        )}
      </Cell>
      <Cell named="Role, owner">
        <bdi>{[row.account_role, row.owner].filter((text) => text !== '').join(', ')}</bdi>
      </Cell>
      <Cell named="Why">
        <bdi>{row.last_scan_error}</bdi>
        {row.polo_status === 'pending_setup' && (
          <a class="further" href={`/accounts/${row.account_id}#setup`}>
            How to set it up
          </a>
        )}
        {inTemporal !== undefined && (
          <a class="further" href={inTemporal} aria-label={`${row.account_id} in the Temporal UI`}>
            Temporal
          </a>
        )}
      </Cell>
    </tr>
  );
};

const Ways = ({ choice, found }: { choice: Choice; found: Found }): VNode | null => {
  if (found.next === undefined && choice.after === undefined) return null;
  const first = Object.fromEntries(Object.entries(choice).filter(([name]) => name !== 'after'));
  return (
    <nav class="ways" aria-label="Pages of accounts">
      {choice.after !== undefined && <a href={hrefOf(first)}>First page</a>}
      {found.next !== undefined && (
        <a href={hrefOf({ ...choice, after: found.next })} rel="next">
          Next {count(Math.min(ACCOUNTS_SHOWN, found.total - found.before - found.rows.length))}
        </a>
      )}
    </nav>
  );
};

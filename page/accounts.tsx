/** All accounts, a page of them at a time. */
import type { VNode } from 'preact';
import {
  accountWorkflowId,
  POLO_STATUSES,
  type AccountRow,
  type Coverage,
  type PoloStatus,
} from '../domain/contract.ts';
import { briefReason } from '../domain/words.ts';
import { workflowUrl, type Site } from './site.ts';
import { AccountLink, ago, count, counted, Mark, STATUSES, Time, UnitPath } from './words.tsx';

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
  const known = coverage.total + coverage.excluded;
  return (
    <section id="accounts" aria-labelledby="accounts-heading">
      <h2 id="accounts-heading">Accounts</h2>
      <div class="choice">
        <Filters choice={choice} coverage={coverage} />
        <Search choice={choice} />
      </div>
      {rows.length === 0 ? (
        <p>{known === 0 ? 'None is known yet.' : total === 0 ? 'No account fits.' : 'No further account.'}</p>
      ) : (
        <table class="stacked accounts">
          <caption>
            {count(before + 1)}–{count(before + rows.length)} of {counted(total, 'account')}
          </caption>
          <thead>
            <tr>
              {COLUMNS.map(([name, words]) => (
                <th key={name} scope="col" class={name}>
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

const COLUMNS = [
  ['name', 'Account'],
  ['unit', 'Unit'],
  ['status', 'Status'],
  ['scan', 'Last scan'],
  ['tags', 'Role, owner'],
  ['why', 'Why'],
  ['temporal', 'Temporal'],
] as const;

const Account = ({ row, now, site }: { row: AccountRow; now: number; site: Site }): VNode => {
  const inTemporal = workflowUrl(site, accountWorkflowId(row.account_id));
  return (
    <tr>
      <th scope="row">
        <AccountLink {...row} />
      </th>
      <td data-name="Unit">
        <UnitPath path={row.org_unit} />
      </td>
      <td data-name="Status">
        <Mark of={STATUSES[row.polo_status]} kind={row.polo_status} />
      </td>
      <td data-name="Last scan">
        {row.last_successful_scan === null ? (
          <Time at={null} />
        ) : (
          <span title={row.last_successful_scan}>{ago(row.last_successful_scan, now)}</span>
        )}
      </td>
      <td data-name="Role, owner" class="lines">
        {row.account_role !== '' && <bdi>{row.account_role}</bdi>}
        {row.owner !== '' && <bdi>{row.owner}</bdi>}
      </td>
      <td data-name="Why" class="lines">
        {row.last_scan_error !== '' && <bdi>{briefReason(row.last_scan_error)}</bdi>}
        {row.polo_status === 'pending_setup' && <a href={`/accounts/${row.account_id}#setup`}>How to set it up</a>}
      </td>
      <td data-name="Temporal" class="temporal">
        {inTemporal !== undefined && (
          <a href={inTemporal} aria-label={`Open ${row.account_id} in the Temporal UI`}>
            open
          </a>
        )}
      </td>
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

/** The page `/accounts/<id>`: what is known of an account, what to do, and what happened to it. */
import type { ComponentChildren, VNode } from 'preact';
import type { AccountRecord } from '../domain/account.ts';
import { accountWorkflowId, type AccountEvent, type AccountRow, type CoverageGap } from '../domain/contract.ts';
import { History } from './history.tsx';
import { page } from './layout.tsx';
import { SetupInstructions } from './setup.tsx';
import { workflowUrl, type Site } from './site.ts';
import { ago, Mark, REASONS, STATUSES, Time } from './words.tsx';

/** What the page shows. `gap` is absent for a covered or excluded account, `next` where no older event follows. */
export interface AccountView {
  record: AccountRecord & { row: AccountRow };
  gap?: CoverageGap;
  history: AccountEvent[];
  next?: string;
  /** In milliseconds. */
  now: number;
}

/** The whole document. */
export const accountPage = (view: AccountView, site: Site): string => {
  const { row } = view.record;
  const pending = row.polo_status === 'pending_setup';
  return page({
    title: `${row.account_name} (${row.account_id})`,
    env: site.env,
    links: { ...(pending && { setup: 'How to set it up' }), history: 'History' },
    content: (
      <>
        <p class="back">
          <a href="/">Coverage of all accounts</a>
        </p>
        <h1>
          <bdi>{row.account_name}</bdi> <span class="id">({row.account_id})</span>
        </h1>
        <p class="state-of-account">
          <Mark of={STATUSES[row.polo_status]} kind={row.polo_status} />
          {row.last_scan_error !== '' && (
            <>
              {': '}
              <bdi>{row.last_scan_error}</bdi>
            </>
          )}
        </p>
        {view.gap && (
          <p>
            {view.gap.reason !== row.polo_status && <>Gap: {REASONS[view.gap.reason].words}. </>}
            <span class="dim">Next:</span> {view.gap.nextStep}
          </p>
        )}
        <Facts view={view} site={site} />
        {pending && (
          <section id="setup" aria-labelledby="setup-heading">
            <h2 id="setup-heading">How to set it up</h2>
            <SetupInstructions
              accountId={row.account_id}
              isManagementAccount={view.gap?.isManagementAccount === true}
              site={site}
            />
          </section>
        )}
        <History accountId={row.account_id} history={view.history} next={view.next} site={site} />
      </>
    ),
  });
};

const Facts = ({ view, site }: { view: AccountView; site: Site }): VNode => {
  const { record, now } = view;
  const { row, exclusion, departed } = record;
  const inTemporal = workflowUrl(site, accountWorkflowId(row.account_id));
  return (
    <dl class="facts">
      <Fact name="Unit" text={row.org_unit} />
      <Fact name="E-mail" text={row.account_email} />
      <Fact name="Role" text={row.account_role} />
      <Fact name="Owner" text={row.owner} />
      <Fact name="Read role" text={row.polo_read_role} />
      <Fact name="Action role" text={row.polo_action_role} />
      <Fact name="Last scan">
        <Time at={row.last_successful_scan} />
        {row.last_successful_scan !== null && ` (${ago(row.last_successful_scan, now)})`}
      </Fact>
      <Fact name="Known since">
        <Time at={row.discovered_at} />
      </Fact>
      <Fact name="Last change">
        <Time at={row.updated_at} />
      </Fact>
      {exclusion && (
        <Fact name="Excluded">
          by <bdi>{exclusion.by}</bdi>: <bdi>{exclusion.reason}</bdi>
          {exclusion.until !== undefined && (
            <>
              , until <Time at={exclusion.until} />
            </>
          )}
        </Fact>
      )}
      {departed && <Fact name="Organization" text="left it" />}
      {inTemporal !== undefined && (
        <Fact name="Temporal">
          <a href={inTemporal}>latest run of {accountWorkflowId(row.account_id)}</a>
        </Fact>
      )}
    </dl>
  );
};

const Fact = ({ name, text, children }: { name: string; text?: string; children?: ComponentChildren }): VNode => (
  <div>
    <dt>{name}</dt>
    <dd>{text === undefined ? children : text === '' ? <span class="dim">none</span> : <bdi>{text}</bdi>}</dd>
  </div>
);

/** How somebody gets Polo's roles into an account. */
import type { VNode } from 'preact';
import { setupInstructions } from '../domain/setup.ts';
import type { Site } from './site.ts';

/** The ways to the same end, and where to read more. */
export const SetupInstructions = ({
  accountId,
  isManagementAccount,
  site,
}: {
  accountId: string;
  isManagementAccount: boolean;
  site: Site;
}): VNode => {
  const { temporalUi, cli, awsCli, runbook } = setupInstructions(accountId, site, isManagementAccount);
  return (
    <div class="setup">
      <p>
        {isManagementAccount
          ? 'This is the management account of the organization: no StackSet reaches it, so Polo can’t deploy its roles.'
          : 'Any one of these; each ends with a verification of the account.'}
      </p>
      <dl>
        {temporalUi !== undefined && (
          <>
            <dt>In the Temporal UI</dt>
            <dd>
              <a href={temporalUi}>Start the onboarding</a>: everything is filled in, no input is needed.
            </dd>
          </>
        )}
        {cli !== undefined && (
          <>
            <dt>On the command line</dt>
            <dd>
              <Shell lines={[cli]} />
            </dd>
          </>
        )}
        <dt>
          By AWS alone, with rights to the StackSet {site.stackSet.name}
          {isManagementAccount && ', then with credentials of this account'}
        </dt>
        <dd>
          <Shell lines={awsCli} />
        </dd>
        <dt>To read</dt>
        <dd>
          <code>{runbook}</code>
        </dd>
      </dl>
    </div>
  );
};

/** Lines to copy: they break on the screen only, and scroll with the keyboard as well. */
const Shell = ({ lines }: { lines: string[] }): VNode => (
  <pre tabIndex={0}>
    <code>{lines.join('\n')}</code>
  </pre>
);

/** How somebody gets Polo's roles into an account. */
import type { VNode } from 'preact';
import { setupInstructions } from '../domain/setup.ts';
import type { Site } from './site.ts';

/** Three ways to the same end, and where to read more. */
export const SetupInstructions = ({ accountId, site }: { accountId: string; site: Site }): VNode => {
  const { temporalUi, cli, awsCli, runbook } = setupInstructions(accountId, site);
  return (
    <div class="setup">
      <p>Any one of these; each ends with a verification of the account.</p>
      <dl>
        {temporalUi !== undefined && (
          <>
            <dt>In the Temporal UI</dt>
            <dd>
              <a href={temporalUi}>Start the onboarding</a>: everything is filled in, no input is needed.
            </dd>
          </>
        )}
        <dt>On the command line</dt>
        <dd>
          <Shell lines={[cli]} />
        </dd>
        <dt>By AWS alone, with rights to the StackSet {site.stackSet.name}</dt>
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

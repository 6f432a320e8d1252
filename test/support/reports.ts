/** What tests of reports share: a Polo that has a Slack and a dead man's switch, and ways to bring about news. */
import { randomUUID } from 'node:crypto';
import type { ReportCoverageResult, SlackMessage } from '../../domain/contract.ts';
import { inLanes } from './lanes.ts';
import type { Polo } from './polo.ts';
import type { SlackServer } from './slack.ts';

/** What the worker needs to know of them. */
export const slackEnvironment = ({ webhookUrl, heartbeatUrl }: SlackServer): Record<string, string> => ({
  SLACK_WEBHOOK_URL: webhookUrl,
  POLO_HEARTBEAT_URL: heartbeatUrl,
});

export const report = (polo: Polo): Promise<ReportCoverageResult> =>
  polo.run<ReportCoverageResult>('reportCoverage', {});

/** All that a message says, block by block. */
export const wordsOf = (message: SlackMessage | undefined): string =>
  (message?.blocks ?? []).map((block) => block.text.text).join('\n');

/** The accounts that a message names, in its order. */
export const namedIn = (message: SlackMessage | undefined): string[] =>
  [...wordsOf(message).matchAll(/^• .*?\((\d{12})\):/gm)].map(([, id]) => id ?? '');

/** Records that a collector has finished on the accounts just now. */
export const recordScans = (polo: Polo, accountIds: string[]): Promise<void> =>
  inLanes(
    10,
    accountIds.map((accountId) => async () => {
      const origin = { workflowId: 'test', runId: randomUUID(), actor: 'test' };
      const scan = { kind: 'recordScan', id: origin.runId, origin, workflowType: 'test' };
      await polo.run('account', { ...scan, at: new Date().toISOString() }, `account/${accountId}`);
    }),
  );

/** Ids of the accounts in a status. */
export const idsIn = async (polo: Polo, status: string): Promise<string[]> =>
  (await polo.accounts()).filter((row) => row.polo_status === status).map((row) => row.account_id);

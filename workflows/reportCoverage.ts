/** The hourly report: verifies what has to be, tells Slack what changed, and calls the dead man's switch. */
import { isCancellation, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import {
  REPORT_WORKFLOW_ID,
  type ReportCoverageInput,
  type ReportCoverageResult,
  type SlackFailure,
} from '../domain/contract.ts';
import { eventOf } from '../domain/events.ts';
import { addNews, hasNews, listStateOf, noNews, type SlackState, type ToldAccounts } from '../domain/news.ts';
import { newsLine, outcomeLines, reportMessage, type CoverageSummary } from '../domain/report.ts';
import type { Settings } from '../domain/settings.ts';
import { originOf } from './accountCommands.ts';
import { heartbeatFor, readSettings, registry, registryNow } from './activities.ts';
import { verifyEndedExclusions } from './endedExclusions.ts';
import { failureOf } from './failures.ts';
import { parseInput } from './parseInput.ts';
import { tellSlack } from './tellSlack.ts';
import { runUnderLock } from './underLock.ts';

const ACTOR = 'reportCoverage';

/**
 * Reports under the id `report-coverage`; under another id it has that run, or joins the one that does. Slack or a
 * heartbeat that fails is told in the result. Fails with `InvalidInput` or `RegistryUnavailable`.
 */
export async function reportCoverage(input: ReportCoverageInput = {}): Promise<ReportCoverageResult> {
  const request = parseInput('reportCoverage', input);
  const { workflowId, startTime } = workflowInfo();
  if (workflowId !== REPORT_WORKFLOW_ID) {
    return runUnderLock({
      lockId: REPORT_WORKFLOW_ID,
      workflowType: 'reportCoverage',
      input: request,
      tell: setCurrentDetails,
    });
  }
  const settings = await readSettings();
  setCurrentDetails('Verifying accounts whose exclusion has ended.');
  const exclusionsEnded = await verifyEndedExclusions(ACTOR, settings);

  setCurrentDetails('Reading coverage, and what Slack has been told.');
  const coverage = await registryNow.readWorstGaps(0);
  const slackState = await registryNow.readSlackState();
  const unsaid = await readUnsaid(slackState);

  setCurrentDetails([coverage.sentence, `- ${newsLine(unsaid.news)}`].join('\n'));
  const slack = await tellWhatIsNew(settings, coverage, slackState, unsaid);
  const heartbeat = await beat(settings, coverage);

  const { status, sentence, total, covered, excluded } = coverage;
  const { newGaps, recovered, noLongerCounted, newAccounts } = unsaid.news;
  const result = {
    status,
    sentence,
    total,
    covered,
    excluded,
    exclusionsEnded,
    news: { newGaps, recovered, noLongerCounted, newAccounts },
    ...slack,
    heartbeat,
    startedAt: startTime.toISOString(),
    finishedAt: new Date(Date.now()).toISOString(),
  };
  setCurrentDetails(outcomeLines(result).join('\n'));
  return result;
}

/** The news of all accounts, and by pages what to record of them once it is told. */
interface Unsaid {
  /** What comes later is news of the next report; in milliseconds. */
  readAt: number;
  news: ReturnType<typeof noNews>;
  told: ToldAccounts['told'][];
}

/** Everything that Slack has not been told; read before the message, so that exactly this is recorded after it. */
async function readUnsaid({ baselineAt }: SlackState): Promise<Unsaid> {
  const question = { now: Date.now(), ...(baselineAt !== undefined && { baseline: Date.parse(baselineAt) }) };
  const unsaid: Unsaid = { readAt: question.now, news: noNews(), told: [] };
  for (let after: string | undefined = '', page; after !== undefined; after = page.next) {
    page = await registryNow.readNews({ ...question, after });
    unsaid.news = addNews(unsaid.news, page);
    if (hasNews(page)) unsaid.told.push(page.told);
  }
  return unsaid;
}

/** Tells Slack what is new, if anything is, and records that it was told. A failure that is over is news as well. */
async function tellWhatIsNew(
  settings: Settings,
  coverage: CoverageSummary,
  { list: listBefore }: SlackState,
  { readAt, news, told }: Unsaid,
): Promise<Pick<ReportCoverageResult, 'slack' | 'slackMessage'>> {
  if (!settings.slack) return { slack: 'not_configured' };
  const list = listStateOf(coverage.status);
  const known: SlackFailure | undefined = coverage.slackFailure;
  if (!hasNews(news) && list === listBefore && !known) return { slack: 'no_news' };

  const message = reportMessage({
    coverage,
    news,
    list,
    ...(listBefore && { listBefore }),
    ...(settings.statusUrl !== undefined && { statusUrl: settings.statusUrl }),
  });
  const slackMessage = await tellSlack(ACTOR, message, settings, known);
  if (slackMessage !== undefined) return { slack: 'failed', slackMessage };

  const origin = originOf(ACTOR);
  const by = { commandId: origin.runId, at: new Date(readAt).toISOString(), origin };
  for (const page of told) await registry.recordTold(page, by);
  await registry.appendEvents([eventOf('', by.commandId, by.at, origin, { kind: 'slack_told', reason: list })]);
  return { slack: 'told' };
}

/** Calls the dead man's switch while the account list is fresh: silence then means that nobody looks any more. */
async function beat(
  { heartbeat, durations }: Settings,
  { status }: CoverageSummary,
): Promise<ReportCoverageResult['heartbeat']> {
  if (!heartbeat) return 'not_configured';
  if (listStateOf(status) !== 'list_fresh') return 'withheld';
  try {
    await heartbeatFor(durations).sendHeartbeat();
    return 'sent';
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the heartbeat failed', { why: failureOf(error) });
    return 'failed';
  }
}

import { log, setCurrentDetails } from '@temporalio/workflow';
import type { WeeklyDigestInput, WeeklyDigestResult } from '../domain/contract.ts';
import { DIGEST_ACTOR, digestSection, WEEK } from '../domain/digest.ts';
import { MOST_NAMED } from '../domain/news.ts';
import { readSettings, registryNow } from './activities.ts';
import { parseInput } from './parseInput.ts';
import { tellSlack } from './tellSlack.ts';

/**
 * The week's section of a digest, posted unless `post` is false or no Slack is configured, also when all is well: silence
 * would be ambiguous. A post that fails is told, and fails nothing. Fails with `InvalidInput` or `RegistryUnavailable`.
 */
export async function weeklyDigest(input: WeeklyDigestInput = {}): Promise<WeeklyDigestResult> {
  const { post = true } = parseInput('weeklyDigest', input);
  setCurrentDetails('Reading coverage and the events of seven days.');
  const settings = await readSettings();
  const now = Date.now();
  const [coverage, happened, ending] = await Promise.all([
    registryNow.readWorstGaps(MOST_NAMED),
    registryNow.readHappened(new Date(now - WEEK).toISOString()),
    registryNow.readEndingExclusions({ from: now, to: now + WEEK, limit: MOST_NAMED }),
  ]);
  const { statusUrl } = settings;
  const section = digestSection({ coverage, happened, ending, ...(statusUrl !== undefined && { statusUrl }) });

  const tell = (words: string): void => setCurrentDetails([coverage.sentence, `- ${words}`].join('\n'));
  if (!post) tell('Not posted: whoever asked for it does that.');
  else if (!settings.slack) tell('Not posted: SLACK_WEBHOOK_URL is not set.');
  else {
    tell('Posting to Slack.');
    const failure = await tellSlack(DIGEST_ACTOR, section, settings, coverage.slackFailure);
    tell(failure === undefined ? 'Slack was told.' : `Slack was not told: ${failure}`);
    if (failure === undefined) log.info('Slack got the weekly digest');
  }
  return section;
}

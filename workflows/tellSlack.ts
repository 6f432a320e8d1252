/** Slack as workflows tell it: a message that can't be delivered harms nothing else, and is told everywhere else. */
import { isCancellation, log } from '@temporalio/workflow';
import type { SlackFailure, SlackMessage } from '../domain/contract.ts';
import { DIGEST_ACTOR } from '../domain/digest.ts';
import { eventOf } from '../domain/events.ts';
import { runbookAnchor } from '../domain/failures.ts';
import type { Settings } from '../domain/settings.ts';
import { originOf } from './accountCommands.ts';
import { registryNow, slackFor } from './activities.ts';
import { failureOf } from './failures.ts';

/**
 * Posts a message; undefined if Slack took it, else why it didn't, in words. A refusal is recorded for the whole
 * organization, unless it is the `known` one: an hour later it is no news. A digest that is lost always is.
 */
export const tellSlack = async (
  actor: string,
  message: SlackMessage,
  { durations }: Settings,
  known: SlackFailure | undefined,
): Promise<string | undefined> => {
  try {
    await slackFor(durations).postToSlack(message);
    return undefined;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message: said } = failureOf(error);
    const reason = `${code}: ${said}`;
    log.error('Slack was not told', { code, reason: said, next: runbookAnchor(code) });
    if (reason !== known?.message || !isKnown(actor, known)) await recordFailure(actor, reason);
    return reason;
  }
};

/** What an older version recorded doesn't say what was missed: a run that read it goes on as it would have then. */
const isKnown = (actor: string, { missed }: SlackFailure): boolean =>
  missed === undefined || (missed.changes && actor !== DIGEST_ACTOR);

const recordFailure = async (actor: string, reason: string): Promise<void> => {
  const origin = originOf(actor);
  const at = new Date(Date.now()).toISOString();
  await registryNow.appendEvents([eventOf('', origin.runId, at, origin, { kind: 'slack_failed', reason })]);
};

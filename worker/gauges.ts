/** Prometheus gauges of coverage, beside the SDK's own metrics (POLO_METRICS_ADDRESS). `operations/alerts.yaml` watches them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricMeter } from '@temporalio/common';
import { GAP_REASONS, POLO_STATUSES, type Coverage } from '../domain/contract.ts';
import { log } from './logging.ts';

/** Pause between two readings, in milliseconds. */
const PAUSE = 60_000;

const seconds = (time: string | null): number => (time === null ? 0 : Date.parse(time) / 1_000);

/** The gauges, and how to set them all. */
const gaugesOf = (meter: MetricMeter): ((coverage: Coverage) => void) => {
  const gauge = (name: string, description: string) => meter.createGauge(name, 'float', undefined, description);
  const accounts = gauge('polo_accounts', 'Accounts in the registry by status.');
  const gaps = gauge(
    'polo_coverage_gaps',
    'Accounts that Polo does not see by reason; action_role_refused are lesser.',
  );
  const lastDiscovery = gauge(
    'polo_last_complete_discovery_timestamp_seconds',
    'When the last complete discovery ended; 0 if none ever did.',
  );
  const discoveryAge = gauge(
    'polo_last_complete_discovery_age_seconds',
    'Age of the last complete discovery when coverage was read; since 1970 if there was none.',
  );
  const slackFailing = gauge('polo_slack_failing', '1 while Slack cannot be told what changed.');
  const read = gauge('polo_coverage_read_timestamp_seconds', 'When coverage was read for these gauges.');
  return (coverage) => {
    const now = seconds(coverage.generatedAt);
    for (const status of POLO_STATUSES) accounts.set(coverage.accountsByStatus[status], { status });
    for (const reason of GAP_REASONS) gaps.set(coverage.gapsByReason[reason], { reason });
    lastDiscovery.set(seconds(coverage.lastCompleteDiscoveryAt));
    discoveryAge.set(now - seconds(coverage.lastCompleteDiscoveryAt));
    slackFailing.set(coverage.slackFailure ? 1 : 0);
    read.set(now);
  };
};

/**
 * Sets the gauges now and every minute until `stopped`. Every worker has the whole picture, so that none has to be elected.
 * While the registry doesn't answer they keep their values; polo_coverage_read_timestamp_seconds tells how old those are.
 */
export const keepGauges = async (
  meter: MetricMeter,
  readCoverage: () => Promise<Coverage>,
  stopped: AbortSignal,
): Promise<void> => {
  const set = gaugesOf(meter);
  while (!stopped.aborted) {
    try {
      set(await readCoverage());
    } catch (error) {
      log('warn', 'coverage could not be read for the gauges', { error });
    }
    await sleep(PAUSE, undefined, { signal: stopped }).catch(() => undefined);
  }
};

/** How each real system is called: time limits and retries in one place. */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { OrganizationsActivities } from '../activities/organizations.ts';
import type { CoverageActivities } from '../activities/coverage.ts';
import type { HeartbeatActivities } from '../activities/heartbeat.ts';
import type { RegistryActivities } from '../activities/registry.ts';
import type { RoleActivities } from '../activities/roles.ts';
import type { SettingsActivities } from '../activities/settings.ts';
import type { SlackActivities } from '../activities/slack.ts';
import type { StackSetActivities } from '../activities/stackSets.ts';
import type { TemporalActivities } from '../activities/temporal.ts';
import type { VerifyAtOnce } from '../activities/verifyAtOnce.ts';
import { LIMITS, type Durations } from '../domain/durations.ts';

/** The worker's configuration; local activities, since they only read memory. */
export const { readSettings, readExternalId } = proxyLocalActivities<SettingsActivities>({
  startToCloseTimeout: '10 s',
});

/** AWS Organizations, tried again for `patience` milliseconds before the call counts as failed. */
export const organizationsFor = (patience: number): OrganizationsActivities =>
  proxyActivities<OrganizationsActivities>({
    startToCloseTimeout: LIMITS.organizationsAttempt,
    scheduleToCloseTimeout: patience,
    // A hundred callers may wait in line before it is our turn.
    heartbeatTimeout: '120 s',
    retry: { initialInterval: '1 s', maximumInterval: '30 s' },
  });

/** Attempts of one verification; the last one answers with what it has. */
export const VERIFY_ATTEMPTS = 5;

/** STS. A normal activity, so that its retries show in the Temporal UI. */
export const { verifyRoles } = proxyActivities<RoleActivities>({
  startToCloseTimeout: LIMITS.verifyAttempt,
  scheduleToCloseTimeout: LIMITS.verify,
  retry: { initialInterval: '500 ms', maximumInterval: '5 s', maximumAttempts: VERIFY_ATTEMPTS },
});

/** STS for a first look: a local activity, since a discovery looks at tens of thousands. Without an answer in time it fails. */
export const { verifyRoles: glanceAtRoles } = proxyLocalActivities<RoleActivities>({
  startToCloseTimeout: LIMITS.glance,
  retry: { maximumAttempts: 1 },
});

/** All of one account among many, where it is plain. Tried once: what it leaves open, the account's other calls do. */
export const { verifyAtOnce } = proxyLocalActivities<VerifyAtOnce>({
  startToCloseTimeout: LIMITS.atOnce,
  retry: { maximumAttempts: 1 },
});

/** CloudFormation, as evidence only: what it doesn't tell in time counts as unknown. */
export const { describeStackInstance } = proxyActivities<StackSetActivities>({
  startToCloseTimeout: '20 s',
  scheduleToCloseTimeout: '30 s',
  retry: { initialInterval: '1 s', maximumAttempts: 4 },
});

/** CloudFormation, as onboarding reads it: for as long as it would wait for an operation. */
export const stackSetFor = ({ operationRuns }: Durations): Omit<StackSetActivities, 'createStackInstance'> =>
  proxyActivities<StackSetActivities>({
    startToCloseTimeout: LIMITS.stackSetAttempt,
    scheduleToCloseTimeout: operationRuns,
    retry: { initialInterval: '1 s', maximumInterval: '30 s' },
  });

/** CloudFormation's start of a deployment: while other operations are in its way it is tried again, as long as one may queue. */
export const deploymentsFor = (durations: Durations): Pick<StackSetActivities, 'createStackInstance'> =>
  proxyActivities<StackSetActivities>({
    startToCloseTimeout: LIMITS.stackSetAttempt,
    scheduleToCloseTimeout: durations.operationQueued,
    retry: { initialInterval: durations.stackSetBusyPause, maximumInterval: durations.stackSetBusyPauseMax },
  });

/** Slack, tried again for four minutes, or for five if it asks for more time. What may have arrived is not posted again, except after a crash. */
export const slackFor = ({ slackPatience, slackPause, slackPauseMax }: Durations): SlackActivities =>
  proxyActivities<SlackActivities>({
    startToCloseTimeout: LIMITS.postAttempt,
    // A try that begins within the patience may end.
    scheduleToCloseTimeout: slackPatience + LIMITS.postAttempt,
    retry: { initialInterval: slackPause, maximumInterval: slackPauseMax, maximumAttempts: 9 },
  });

/** The dead man's switch. */
export const heartbeatFor = ({ heartbeatPatience, heartbeatPause }: Durations): HeartbeatActivities =>
  proxyActivities<HeartbeatActivities>({
    startToCloseTimeout: LIMITS.postAttempt,
    scheduleToCloseTimeout: heartbeatPatience + LIMITS.postAttempt,
    retry: { initialInterval: heartbeatPause, maximumAttempts: 5 },
  });

/** The registry, for workflows that hold nothing: tried until it answers. */
export const registry = proxyActivities<RegistryActivities & Pick<CoverageActivities, 'recordTold'>>({
  startToCloseTimeout: LIMITS.registryAttempt,
  retry: { initialInterval: '500 ms', maximumInterval: '15 s' },
});

/** The registry, for a caller who waits for the answer. */
export const registryNow = proxyActivities<RegistryActivities & CoverageActivities>({
  startToCloseTimeout: LIMITS.registryAttempt,
  scheduleToCloseTimeout: LIMITS.registryHeld,
  retry: { initialInterval: '500 ms', maximumInterval: '5 s' },
});

/** Every system, for the doctor: asked once, since that there is no answer now is a finding as well. */
export const askedOnce = proxyActivities<
  OrganizationsActivities & RegistryActivities & RoleActivities & StackSetActivities
>({
  scheduleToCloseTimeout: LIMITS.check,
  retry: { maximumAttempts: 1 },
});

/**
 * Load and write of a held account: local, because a normal activity costs as much as the account's workflow. The limit
 * of time ends an attempt that hangs; attempts that fail at once are not ended by it, so their number is: 18 last 42 s.
 */
export const heldRegistry = proxyLocalActivities<RegistryActivities>({
  startToCloseTimeout: LIMITS.registryAttempt,
  scheduleToCloseTimeout: LIMITS.registryHeld,
  localRetryThreshold: '60 s',
  retry: { initialInterval: '200 ms', maximumInterval: '3 s', maximumAttempts: 18 },
});

/** Waiting costs no slot between two attempts, however long it lasts. */
const WAITING = { initialInterval: '500 ms', maximumInterval: '5 s', backoffCoefficient: 1.5 } as const;

/** Temporal, as the way to another account's workflow. */
export const { submitCommand } = proxyActivities<TemporalActivities>({
  startToCloseTimeout: LIMITS.handOffAttempt,
  scheduleToCloseTimeout: LIMITS.handOff,
  retry: WAITING,
});

/** Temporal, as the way to the run that holds a lock. */
export const { findLockHolder, awaitRun } = proxyActivities<TemporalActivities>({
  startToCloseTimeout: LIMITS.handOffAttempt,
  retry: WAITING,
});

/** Temporal, as the way to know whether anybody would take up a task. */
export const { readTaskQueue } = proxyActivities<TemporalActivities>({
  startToCloseTimeout: LIMITS.handOffAttempt,
  retry: WAITING,
});

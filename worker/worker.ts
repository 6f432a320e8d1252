/** Builds the Temporal worker from what it needs: configuration, connections and the registry. */
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import PQueue from 'p-queue';
import { createCoverageActivities } from '../activities/coverage.ts';
import { createHeartbeatActivities } from '../activities/heartbeat.ts';
import { createOrganizationsActivities } from '../activities/organizations.ts';
import { createRegistryActivities } from '../activities/registry.ts';
import { createRoleActivities } from '../activities/roles.ts';
import { createSettingsActivities } from '../activities/settings.ts';
import { createSlackActivities } from '../activities/slack.ts';
import { createStackSetActivities } from '../activities/stackSets.ts';
import { createTemporalActivities } from '../activities/temporal.ts';
import { createVerifyAtOnce } from '../activities/verifyAtOnce.ts';
import type { WorkerConfiguration } from '../configuration.ts';
import { scaledDurations } from '../domain/durations.ts';
import type { Coverage } from '../domain/contract.ts';
import type { Registry } from '../registry/registry.ts';
import type { AwsClients } from './aws.ts';

/** The open connections of a worker. */
export interface Connections {
  temporal: NativeConnection;
  client: Client;
  registry: Registry;
  aws: AwsClients;
  /** Reads coverage as it is now. */
  coverage: () => Promise<Coverage>;
}

/** After SIGTERM, activities under way have this long to end. */
const GRACE = '20 s';

/** Then they are cancelled; what does not end by itself is left to its next attempt, on another worker. */
const FORCE = '30 s';

/** Activities that one worker runs at a time; waiting ones free their place (`activities/temporal.ts`). */
const ACTIVITIES_AT_ONCE = 150;

/**
 * Workflow tasks under way at a time, and their local activities: a discovery holds 160 accounts, each in a task while
 * it waits for the registry or STS, and others come beside it. The SDK's 40 would halve its pace (BENCHMARKS.md).
 */
const TASKS_AT_ONCE = 250;

/** Calls to CloudFormation under way at a time, whatever the number of accounts. */
const STACK_SET_CALLS_AT_ONCE = 5;

/** At most `perSecond` calls start in a second, evenly spread; `concurrency` of them may be under way. */
const paced = (perSecond: number, concurrency = Number.POSITIVE_INFINITY): PQueue => {
  const intervalCap = Math.max(1, Math.floor(perSecond / 10));
  return new PQueue({ concurrency, intervalCap, interval: Math.ceil((1_000 * intervalCap) / perSecond) });
};

/** A worker that is ready to run, with the workflows bundled by the build. */
export const createWorker = (
  configuration: WorkerConfiguration,
  { temporal, client, registry, aws, coverage }: Connections,
): Promise<Worker> => {
  const { roles, rates, tags, stackSet, taskQueue, timeScale, slackWebhookUrl, heartbeatUrl, statusUrl } =
    configuration;
  const registryActivities = createRegistryActivities(registry);
  const roleActivities = createRoleActivities(aws.sts, paced(rates.sts), roles);
  return Worker.create({
    connection: temporal,
    namespace: configuration.temporal.namespace,
    taskQueue,
    workflowBundle: { codePath: fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)) },
    dataConverter: { payloadConverterPath: fileURLToPath(new URL('payloadConverter.js', import.meta.url)) },
    activities: {
      ...createSettingsActivities(
        {
          durations: scaledDurations(timeScale),
          readRoleName: roles.read,
          ...(roles.action !== undefined && { actionRoleName: roles.action }),
          externalId: roles.externalId !== undefined,
          stackSet,
          tags: tags !== undefined,
          slack: slackWebhookUrl !== undefined,
          heartbeat: heartbeatUrl !== undefined,
          ...(statusUrl !== undefined && { statusUrl }),
        },
        roles.externalId,
      ),
      ...createOrganizationsActivities(aws.organizations, paced(rates.organizations, 1), tags, roles.externalId),
      ...roleActivities,
      ...createStackSetActivities(
        aws.cloudFormation,
        stackSet,
        new PQueue({ concurrency: STACK_SET_CALLS_AT_ONCE }),
        roles.externalId,
      ),
      ...registryActivities,
      ...createVerifyAtOnce(registryActivities, roleActivities),
      ...createCoverageActivities(coverage, registry),
      ...createSlackActivities(slackWebhookUrl),
      ...createHeartbeatActivities(heartbeatUrl),
      ...createTemporalActivities(client, taskQueue),
    },
    maxConcurrentActivityTaskExecutions: ACTIVITIES_AT_ONCE,
    maxConcurrentWorkflowTaskExecutions: TASKS_AT_ONCE,
    maxConcurrentLocalActivityExecutions: TASKS_AT_ONCE,
    shutdownGraceTime: GRACE,
    shutdownForceTime: FORCE,
  });
};

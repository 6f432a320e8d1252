/** The Temporal schedules that keep the registry fresh and tell about it (design 5). */
import {
  ScheduleOverlapPolicy,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  type Workflow,
} from '@temporalio/client';
import type { ClientConfiguration } from '../configuration.ts';
import { DIGEST_SCHEDULE_ID, DISCOVERY_SCHEDULE_ID, REPORT_SCHEDULE_ID } from '../domain/contract.ts';

/** What decides the schedules: when they run, and where the workflows do. */
export type ScheduleConfiguration = Pick<ClientConfiguration, 'taskQueue' | 'crons'>;

/** A schedule as it should be. */
export interface PlannedSchedule {
  cron: string;
  /** The variable that changes when it runs. */
  variable: string;
  /** Whether it runs once as soon as it is created. */
  triggerImmediately: boolean;
  options: ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>;
}

interface Row {
  id: string;
  workflow: string;
  cron: keyof ScheduleConfiguration['crons'];
  variable: string;
  /** Temporal keeps it as the comment of the calendar. */
  comment: string;
  /** How late a run may start that was missed, because no server was there. */
  catchupWindow: '12 hours' | '10 minutes' | '24 hours';
  triggerImmediately: boolean;
}

const TABLE: Row[] = [
  {
    id: DISCOVERY_SCHEDULE_ID,
    workflow: 'discoverAccounts',
    cron: 'discovery',
    variable: 'POLO_DISCOVERY_CRON',
    comment: 'daily, because a scan counts for 24 h and an account list for 26 h',
    // A run that is late by hours still helps.
    catchupWindow: '12 hours',
    triggerImmediately: true,
  },
  {
    id: REPORT_SCHEDULE_ID,
    workflow: 'reportCoverage',
    cron: 'coverage',
    variable: 'POLO_COVERAGE_CRON',
    comment: 'hourly, so that nobody stays blind for longer',
    // The next hour's run comes anyway.
    catchupWindow: '10 minutes',
    // Beside the first discovery it would find no accounts.
    triggerImmediately: false,
  },
  {
    id: DIGEST_SCHEDULE_ID,
    workflow: 'weeklyDigest',
    cron: 'digest',
    variable: 'POLO_DIGEST_CRON',
    comment: 'weekly, also when all is well',
    catchupWindow: '24 hours',
    triggerImmediately: false,
  },
];

/** Ids of all schedules. */
export const SCHEDULE_IDS = TABLE.map(({ id }) => id);

/** All schedules as they should be. None starts a run beside one of its own that is under way. */
export const plannedSchedules = ({ taskQueue, crons }: ScheduleConfiguration): PlannedSchedule[] =>
  TABLE.map(({ id, workflow, cron, variable, comment, catchupWindow, triggerImmediately }) => ({
    cron: crons[cron],
    variable,
    triggerImmediately,
    options: {
      scheduleId: id,
      spec: { cronExpressions: [`${crons[cron]} # UTC; ${comment}`], timezone: 'UTC' },
      action: {
        type: 'startWorkflow',
        workflowType: workflow,
        args: [{}],
        workflowId: id,
        taskQueue,
        staticSummary: 'by schedule',
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    },
  }));

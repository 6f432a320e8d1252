/** The Temporal schedules on the server: created, updated and read back; `scheduleTable.ts` says what they are. */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type CalendarSpecDescription,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { ConfigurationError } from '../configuration.ts';
import { plannedSchedules, SCHEDULE_IDS, type PlannedSchedule, type ScheduleConfiguration } from './scheduleTable.ts';

/** A schedule as people want to see it; times are ISO 8601. */
export interface ScheduleState {
  id: string;
  workflow: string;
  /** Cron expressions in UTC, read back from the server. */
  cron: string[];
  paused: boolean;
  note: string;
  nextRuns: string[];
  /** Oldest first. */
  lastRuns: { at: string; workflowId: string; runId: string }[];
}

/** What became of a schedule. */
export interface AppliedSchedule {
  id: string;
  cron: string;
  outcome: 'created' | 'updated';
}

/** Creates the schedule, or updates it; pause, note and remaining runs are the operator's. */
const apply = async (client: Client, schedule: PlannedSchedule): Promise<AppliedSchedule['outcome']> => {
  const { variable, triggerImmediately, options } = schedule;
  const note = `Kept by the Polo worker: set ${variable} to change when it runs; pausing it here lasts.`;
  try {
    await client.schedule.create({ ...options, state: { triggerImmediately, note } });
    return 'created';
  } catch (error) {
    // The client's word for a schedule that the server does not accept.
    if (error instanceof TypeError) {
      const got = JSON.stringify(options.spec.cronExpressions);
      throw new ConfigurationError([`${variable}: expected what Temporal accepts, got ${got}: ${error.message}`]);
    }
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const { spec, action, policies } = options;
  await client.schedule.getHandle(options.scheduleId).update((previous) => ({
    spec,
    action,
    ...(policies && { policies }),
    state: previous.state,
    typedSearchAttributes: previous.typedSearchAttributes,
  }));
  return 'updated';
};

/** Creates or updates every schedule; any number of workers may do so at once. Throws what the Temporal client throws. */
export const applySchedules = async (
  client: Client,
  configuration: ScheduleConfiguration,
): Promise<AppliedSchedule[]> => {
  const applied: AppliedSchedule[] = [];
  for (const schedule of plannedSchedules(configuration)) {
    const outcome = await apply(client, schedule);
    applied.push({ id: schedule.options.scheduleId, cron: schedule.cron, outcome });
  }
  return applied;
};

/** The schedules that exist on the server. */
export const listSchedules = async (client: Client): Promise<ScheduleState[]> => {
  const found = await Promise.all(SCHEDULE_IDS.map((id) => describe(client, id)));
  return found.filter((schedule) => schedule !== undefined);
};

const describe = async (client: Client, id: string): Promise<ScheduleState | undefined> => {
  try {
    return stateOf(await client.schedule.getHandle(id).describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
};

const stateOf = ({ scheduleId, action, spec, state, info }: ScheduleDescription): ScheduleState => ({
  id: scheduleId,
  workflow: action.workflowType,
  cron: (spec.calendars ?? []).map(cronOf),
  paused: state.paused,
  note: state.note ?? '',
  nextRuns: info.nextActionTimes.map((time) => time.toISOString()),
  lastRuns: info.recentActions.map(({ takenAt, action: { workflow } }) => ({
    at: takenAt.toISOString(),
    workflowId: workflow.workflowId,
    runId: workflow.firstExecutionRunId,
  })),
});

/** Temporal keeps a cron expression as a calendar; this is the way back. */
const cronOf = ({ minute, hour, dayOfMonth, month, dayOfWeek }: CalendarSpecDescription): string =>
  [
    cronField(minute, 0, 59),
    cronField(hour, 0, 23),
    cronField(dayOfMonth, 1, 31),
    cronField(month, 'JANUARY', 'DECEMBER'),
    cronField(dayOfWeek, 'SUNDAY', 'SATURDAY'),
  ].join(' ');

const cronField = <T extends number | string>(
  ranges: { start: T; end: T; step: number }[],
  first: T,
  last: T,
): string => {
  const parts = ranges.map(({ start, end, step }) => {
    const range =
      start === first && end === last ? '*' : start === end ? short(start) : `${short(start)}-${short(end)}`;
    return step > 1 ? `${range}/${String(step)}` : range;
  });
  return parts.length === 0 ? '*' : parts.join(',');
};

/** `MONDAY` as cron writes it. */
const short = (value: number | string): string => String(value).slice(0, 3);

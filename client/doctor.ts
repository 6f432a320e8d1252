/** `polo-accounts doctor`: what of Polo's setup does not work, and what to do about it. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { ClientConfiguration } from '../configuration.ts';
import type { CheckSetupResult, SetupCheck } from '../domain/contract.ts';
import {
  checkLines,
  countsLine,
  diagnosisOf,
  judgeNoWorker,
  judgeSchedule,
  judgeSilentWorker,
  judgeTemporal,
  judgeWorker,
  notChecked,
  WORKER_CHECKS,
  type Verdict,
} from '../domain/doctor.ts';
import { LIMITS } from '../domain/durations.ts';
import { isPolled } from '../domain/taskQueue.ts';
import { SCHEDULE_IDS } from '../worker/scheduleTable.ts';
import { listSchedules } from '../worker/schedules.ts';
import { userName } from './arguments.ts';
import { EXIT, failureOf } from './failures.ts';
import { lines } from './output.ts';
import { withTemporal } from './temporal.ts';
import { printData, say } from './terminal.ts';
import { polledAgo, runWorkflow, type Desk } from './workflows.ts';

/** A diagnosis for people: a line for each check, what to do about those that aren't well, and the counts. */
export const doctorText = ({ checks }: CheckSetupResult): string =>
  lines(...checks.flatMap(checkLines), '', `${countsLine(checks)}.`);

/** How long Temporal may take for what is asked of itself, in milliseconds. */
const ANSWER_TIMEOUT = 10_000;

/** All checks: those of Temporal and the schedules are made here, the others by a worker, if there is one. */
const examine = async (desk: Desk, { temporal }: ClientConfiguration): Promise<CheckSetupResult> => {
  const { client, taskQueue } = desk;
  // First of all, because it finds out whether there is such a namespace.
  const ago = await soon(client, () => polledAgo(client, taskQueue));
  const schedules = await soon(client, () => listSchedules(client));
  return diagnosisOf([
    { name: 'Temporal', ...judgeTemporal(temporal.connectionOptions.address, temporal.namespace) },
    ...(ago !== undefined && isPolled(ago)
      ? await askWorker(desk, ago)
      : withoutWorker(judgeNoWorker(taskQueue, temporal.namespace, ago))),
    ...SCHEDULE_IDS.map((id) => ({
      name: `Schedule ${id}`,
      ...judgeSchedule(
        id,
        schedules.find((schedule) => schedule.id === id),
      ),
    })),
  ]);
};

const soon = <T>(client: Client, ask: () => Promise<T>): Promise<T> =>
  client.withDeadline(Date.now() + ANSWER_TIMEOUT, ask);

/** The checks of a worker that polled so many milliseconds ago. Throws RunFailed, unless it was out of time. */
const askWorker = async (desk: Desk, ago: number): Promise<SetupCheck[]> => {
  const { taskQueue } = desk;
  const workflowId = `check-setup/${randomUUID()}`;
  const work = {
    type: 'checkSetup',
    workflowId,
    input: {},
    summary: `by ${userName()}`,
    progressOf: workflowId,
    timeout: LIMITS.checkSetup,
  } as const;
  try {
    const { checks } = await runWorkflow<CheckSetupResult>(desk, work);
    return [{ name: 'Worker', ...judgeWorker(taskQueue) }, ...checks];
  } catch (error) {
    if (failureOf(error).code !== 'TimedOut') throw error;
    return withoutWorker(judgeSilentWorker(taskQueue, ago, LIMITS.checkSetup));
  }
};

/** What is wrong with the worker, and that nobody knows what it would have seen. */
const withoutWorker = (verdict: Verdict): SetupCheck[] => [
  { name: 'Worker', ...verdict },
  ...WORKER_CHECKS.map((name) => ({ name, ...notChecked('no worker answers') })),
];

/** Adds the command to the program. */
export const addDoctor = (program: Command): void => {
  program
    .command('doctor')
    .summary("Check Polo's setup, and tell what to do about what does not work.")
    .description(
      'Checks Temporal and its schedules, the worker, the registry, and what AWS lets the worker do; changes nothing.\n' +
        'Takes at most half a minute. Exits with 1 if a check failed; a warning is no failure.',
    )
    .option('--json', 'print the checks as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      await withTemporal(async (desk, configuration) => {
        say("Checking Polo's setup …");
        const diagnosis = await examine(desk, configuration);
        printData(json, diagnosis, () => doctorText(diagnosis));
        return diagnosis.status === 'failure' ? EXIT.notAllWell : EXIT.good;
      });
    });
};

/** `polo-accounts schedules`: the Temporal schedules that keep the registry fresh and report on it. */
import type { Command } from 'commander';
import { applySchedules, listSchedules, type ScheduleState } from '../worker/schedules.ts';
import { EXIT } from './failures.ts';
import { lines, minute, table } from './output.ts';
import { withTemporal } from './temporal.ts';
import { outputWidth, printData, say } from './terminal.ts';

/** Schedules for people; lines take at most `width` columns. No schedule, no text. */
const schedulesTable = (schedules: ScheduleState[], width = Infinity): string =>
  schedules.length === 0
    ? ''
    : table(
        ['SCHEDULE', 'WORKFLOW', 'CRON (UTC)', 'STATE', 'NEXT RUN', 'LAST RUN', 'NOTE'],
        schedules.map(({ id, workflow, cron, paused, nextRuns, lastRuns, note }) => [
          id,
          workflow,
          cron.join('; '),
          paused ? 'PAUSED' : 'on',
          paused ? '' : minute(nextRuns[0] ?? null),
          minute(lastRuns.at(-1)?.at ?? null),
          note,
        ]),
        width,
      );

/** Adds the commands to the program. */
export const addSchedules = (program: Command): void => {
  const schedules = program
    .command('schedules')
    .description('The Temporal schedules that keep the registry fresh and report on it.');

  schedules
    .command('apply')
    .description('Create or update the schedules, as every worker does when it starts; a pause stays.')
    .option('--json', 'print what was done as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      await withTemporal(async ({ client }, configuration) => {
        const applied = await applySchedules(client, configuration);
        printData(json, applied, () =>
          lines(...applied.map(({ id, cron, outcome }) => `${id}: ${outcome}, ${cron} UTC`)),
        );
        return EXIT.good;
      });
    });

  schedules
    .command('list')
    .description('List the schedules with their next and latest runs.')
    .option('--json', 'print the schedules as JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      await withTemporal(async ({ client }) => {
        const found = await listSchedules(client);
        printData(json, found, () => schedulesTable(found, outputWidth()));
        if (found.length === 0) say('There are no schedules. Next: polo-accounts schedules apply, or start a worker.');
        return EXIT.good;
      });
    });
};

/** The schedule of the daily discovery (design 5): one, however often workers start, and an operator's pause stays. */
import assert from 'node:assert/strict';
import { DISCOVERY_SCHEDULE_ID, TASK_QUEUE } from '../../domain/contract.ts';
import { applySchedules } from '../../worker/schedules.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { SCALE, TIMEOUT } from '../support/scale.ts';
import { until } from '../support/waiting.ts';

const STARTS = 10;

describe('the schedule of the discovery', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startPolo({ accounts: 3, scheduled: true, worker: false });
  });
  after(() => polo.stop());

  const handle = () => polo.client.schedule.getHandle(DISCOVERY_SCHEDULE_ID);
  const schedules = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { scheduleId } of polo.client.schedule.list()) ids.push(scheduleId);
    return ids;
  };
  /** Worker starts of which some are real ones, one after the other, for the embedded registry allows one at a time. */
  const startWorkers = async (): Promise<void> => {
    const configuration = {
      taskQueue: TASK_QUEUE,
      crons: { discovery: '17 3 * * *', coverage: '7 * * * *', digest: '0 8 * * 1' },
    };
    const others = Array.from({ length: STARTS - SCALE.workerStarts }, () =>
      applySchedules(polo.client, configuration),
    );
    for (let left = SCALE.workerStarts; left > 0; left--) {
      const worker = await polo.startWorker();
      assert.equal(await worker.signal('SIGTERM'), 0);
    }
    await Promise.all(others);
  };

  it('is one after ten starts, and has run once', async () => {
    await startWorkers();
    assert.deepEqual(await until(async () => ((await schedules()).length > 0 ? schedules() : undefined)), [
      DISCOVERY_SCHEDULE_ID,
    ]);
    const { info, spec, state } = await handle().describe();
    assert.equal(info.numActionsTaken, 1);
    assert.equal(spec.calendars?.length, 1);
    assert.equal(state.paused, false);
    const { count } = await polo.client.workflow.count(`WorkflowId STARTS_WITH '${DISCOVERY_SCHEDULE_ID}'`);
    assert.equal(count, 1);
  });

  it('stays paused, with its note, through ten more starts', async () => {
    await handle().pause('no discovery during the migration');
    await startWorkers();
    const { info, state } = await handle().describe();
    assert.deepEqual([state.paused, state.note], [true, 'no discovery during the migration']);
    assert.equal(info.numActionsTaken, 1);
    assert.deepEqual(await schedules(), [DISCOVERY_SCHEDULE_ID]);
  });
});

/** The schedules (design 5): one of each, however often workers start, and an operator's pause stays. */
import assert from 'node:assert/strict';
import { DIGEST_SCHEDULE_ID, DISCOVERY_SCHEDULE_ID, REPORT_SCHEDULE_ID, TASK_QUEUE } from '../../domain/contract.ts';
import { applySchedules } from '../../worker/schedules.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { SCALE, TIMEOUT } from '../support/scale.ts';
import { until } from '../support/waiting.ts';

const STARTS = 10;

/** Twelve hours away: what is due while a test runs would be counted as well. */
const HOUR = String((new Date().getUTCHours() + 12) % 24);
const CRONS = { discovery: `17 ${HOUR} * * *`, coverage: `7 ${HOUR} * * *`, digest: `0 ${HOUR} * * 1` };

const IDS = [DISCOVERY_SCHEDULE_ID, REPORT_SCHEDULE_ID, DIGEST_SCHEDULE_ID];

describe('the schedules', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    const env = {
      POLO_DISCOVERY_CRON: CRONS.discovery,
      POLO_COVERAGE_CRON: CRONS.coverage,
      POLO_DIGEST_CRON: CRONS.digest,
    };
    polo = await startPolo({ accounts: 3, scheduled: true, worker: false, env });
  });
  after(() => polo.stop());

  const handle = (id: string = DISCOVERY_SCHEDULE_ID) => polo.client.schedule.getHandle(id);
  const schedules = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { scheduleId } of polo.client.schedule.list()) ids.push(scheduleId);
    return ids;
  };
  /** Worker starts of which some are real ones, one after the other, for the embedded registry allows one at a time. */
  const startWorkers = async (): Promise<void> => {
    const others = Array.from({ length: STARTS - SCALE.workerStarts }, () =>
      applySchedules(polo.client, { taskQueue: TASK_QUEUE, crons: CRONS }),
    );
    for (let left = SCALE.workerStarts; left > 0; left--) {
      const worker = await polo.startWorker();
      assert.equal(await worker.signal('SIGTERM'), 0);
    }
    await Promise.all(others);
  };

  it('are one of each after ten starts; the discovery has run once, the others wait for their time', async () => {
    await startWorkers();
    const listed = await until(async () => {
      const ids = await schedules();
      return ids.length >= IDS.length ? ids : undefined;
    });
    assert.deepEqual(listed.sort(), [...IDS].sort());
    const { info, spec, state } = await handle().describe();
    assert.equal(info.numActionsTaken, 1);
    assert.equal(spec.calendars?.length, 1);
    assert.equal(state.paused, false);
    const { count } = await polo.client.workflow.count(`WorkflowId STARTS_WITH '${DISCOVERY_SCHEDULE_ID}'`);
    assert.equal(count, 1);
    const digest = await handle(DIGEST_SCHEDULE_ID).describe();
    assert.equal(digest.info.numActionsTaken, 0);
  });

  it('each name their own variable, and how late a run may be', async () => {
    const described = await Promise.all(IDS.map((id) => handle(id).describe()));
    assert.deepEqual(
      described.map(({ action, state, policies }) => [
        action.workflowType,
        /set (\w+) to/.exec(state.note ?? '')?.[1],
        policies.catchupWindow / 60_000,
        policies.overlap,
      ]),
      [
        ['discoverAccounts', 'POLO_DISCOVERY_CRON', 720, 'SKIP'],
        ['reportCoverage', 'POLO_COVERAGE_CRON', 10, 'SKIP'],
        ['weeklyDigest', 'POLO_DIGEST_CRON', 1_440, 'SKIP'],
      ],
    );
  });

  it('run what they are for', async () => {
    const worker = await polo.startWorker();
    for (const id of [REPORT_SCHEDULE_ID, DIGEST_SCHEDULE_ID]) {
      await handle(id).trigger();
      const started = await until(async () => (await handle(id).describe()).info.recentActions.at(-1));
      await polo.client.workflow.getHandle(started.action.workflow.workflowId).result();
    }
    await worker.signal('SIGTERM');
  });

  it('stay paused, with their notes, through ten more starts', async () => {
    for (const id of IDS) await handle(id).pause('nothing during the migration');
    await startWorkers();
    for (const id of IDS) {
      const { state } = await handle(id).describe();
      assert.deepEqual([state.paused, state.note], [true, 'nothing during the migration']);
    }
    assert.equal((await handle().describe()).info.numActionsTaken, 1);
    assert.deepEqual((await schedules()).sort(), [...IDS].sort());
  });
});

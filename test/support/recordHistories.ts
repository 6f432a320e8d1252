/**
 * `npm run record-histories`: has real Polos live through the stories, and keeps the histories that are missing in
 * test/histories/ for `replay.test.ts`. One that is there stays: a run that began like it may still go on somewhere, and
 * has to fit. `npm run record-histories -- name …` records those that are named anew, for workflows that changed on purpose.
 */
import { startPoloOnServer } from './discovery.ts';
import { startPoloOfDiscoveries, storyOfDiscoveries } from './discoveryStory.ts';
import { storyOfOutage } from './outageStory.ts';
import { readHistories, writeHistory } from './recordedHistories.ts';
import { startPolo, type Polo } from './polo.ts';
import { slackEnvironment } from './reports.ts';
import { startSlack } from './slack.ts';
import { storyOfAccounts, storyOfReports, type RecordHistory, type Step } from './stories.ts';
import { stopTemporalServer } from './temporalServer.ts';

const named = process.argv.slice(2);
const there = await readHistories();
const met = new Set<string>();

/** Whether everything that was asked for is recorded. */
const isDone = (): boolean => named.length > 0 && named.every((name) => met.has(name));

const say = (line: string): unknown => process.stderr.write(`${line}\n`);

const recordOf =
  (polo: Polo): RecordHistory =>
  async (name, workflowId, runId) => {
    met.add(name);
    if (named.length > 0 ? !named.includes(name) : there.has(name)) return;
    const { client } = polo;
    const run = runId ?? (await client.workflow.getHandle(workflowId).describe()).runId;
    await writeHistory(name, await client.workflow.getHandle(workflowId, run).fetchHistory());
    say(`  recorded ${name}`);
  };

const live = async (polo: Polo, story: Step[]): Promise<void> => {
  try {
    for (const [shows, take] of story) {
      if (isDone()) return;
      say(`a Polo that ${shows}`);
      await take();
    }
  } finally {
    await polo.stop();
  }
};

try {
  const first = await startPolo();
  await live(first, storyOfAccounts(first, recordOf(first)));
  if (!isDone()) {
    const slack = await startSlack();
    const second = await startPolo({ env: slackEnvironment(slack) });
    await live(second, storyOfReports(second, slack, recordOf(second))).finally(slack.close);
  }
  if (!isDone()) {
    const third = await startPoloOnServer();
    await live(third, storyOfOutage(third, recordOf(third)));
  }
  if (!isDone()) {
    const fourth = await startPoloOfDiscoveries();
    await live(fourth, storyOfDiscoveries(fourth, recordOf(fourth)));
  }
} finally {
  await stopTemporalServer();
}
const unknown = named.filter((name) => !met.has(name));
if (unknown.length > 0) {
  say(`expected names of histories, got ${unknown.join(', ')}; there are ${[...met].sort().join(', ')}`);
  process.exitCode = 2;
}

/** A Slack that fails, and a worker that dies while it is told: loud, nothing lost, nothing else harmed, no secret shown. */
import assert from 'node:assert/strict';
import {
  REPORT_WORKFLOW_ID,
  type Coverage,
  type ReportCoverageResult,
  type WeeklyDigestResult,
} from '../../domain/contract.ts';
import { startPoloOnServer } from '../support/discovery.ts';
import { histories, textsIn } from '../support/histories.ts';
import { newAccount } from '../support/onboarding.ts';
import { startPolo, type Polo } from '../support/polo.ts';
import { namedIn, report, slackEnvironment, wordsOf } from '../support/reports.ts';
import { HEARTBEAT_SECRET, startSlack, WEBHOOK_SECRET, type Behaviour, type SlackServer } from '../support/slack.ts';
import { until } from '../support/waiting.ts';

describe('a Slack that fails', function () {
  this.timeout(240_000);
  let polo: Polo;
  let slack: SlackServer;
  const outputs: string[] = [];
  before(async () => {
    slack = await startSlack();
    polo = await startPolo({ accounts: 6, env: slackEnvironment(slack) });
    await polo.discover();
  });
  after(async () => {
    await polo.stop();
    await slack.close();
  });

  const failures = async (): Promise<string[]> =>
    (await polo.history()).filter(({ kind }) => kind === 'slack_failed').map(({ reason }) => reason);
  const coverage = async (): Promise<Coverage> => {
    const { stdout } = await polo.cli('coverage', '--json');
    outputs.push(stdout, (await polo.cli('coverage')).stdout);
    return JSON.parse(stdout) as Coverage;
  };
  const fails = async (words: string): Promise<void> => {
    const { slack: outcome, slackMessage } = await report(polo);
    assert.deepEqual([outcome, slackMessage], ['failed', words]);
    assert.equal((await coverage()).slackFailure?.message, words);
    assert.ok(
      (await polo.logs()).split('\n').some((line) => line.includes('"level":"error","message":"Slack was not told"')),
    );
  };

  it('for good (404) is tried once a report, and recorded once', async () => {
    slack.behave({ status: 404, body: 'no_service' });
    const words = 'SlackRejected: Slack did not take the message: expected HTTP 200 ok, got 404 no_service';
    await fails(words);
    await fails(words);
    assert.deepEqual([slack.counts.posts, slack.counts.beats], [2, 2]);
    assert.deepEqual(await failures(), [words]);
    assert.match(outputs.at(-1) ?? '', /Slack has not been told of changes since .* no_service/);
  });

  it('refuses a digest as well, which is written all the same; that it is lost is recorded too', async () => {
    const { blocks } = await polo.run<WeeklyDigestResult>('weeklyDigest', {});
    assert.match(wordsOf({ text: '', blocks }), /\*Slack\*: Slack has not been told of changes since/);
    assert.equal((await failures()).length, 2);
    await fails((await failures())[0] ?? '');
    assert.equal((await failures()).length, 2);
    assert.match(outputs.at(-1) ?? '', /nor got the weekly digest of \d{4}-\d\d-\d\d: SlackRejected/);
  });

  it('answers with a text of somebody else, or sends elsewhere: neither is followed or repeated', async () => {
    slack.behave(
      { status: 403 },
      { status: 302, location: slack.heartbeatUrl },
      { status: 200, body: '<html>Sign in' },
    );
    const { beats } = slack.counts;
    for (const status of [403, 302, 200]) {
      await fails(
        `SlackRejected: Slack did not take the message: expected HTTP 200 ok, got ${String(status)} and a text that isn't Slack's`,
      );
    }
    assert.equal(slack.counts.beats, beats + 3, 'only the heartbeats');
  });

  it('fails (500) for as long as a report waits', async () => {
    slack.behave({ status: 500, body: 'fatal_error' });
    const { posts } = slack.counts;
    await fails('SlackUnavailable: Slack did not take the message: expected HTTP 200 ok, got 500 fatal_error');
    assert.ok(slack.counts.posts > posts + 5);
  });

  const unanswered: [Behaviour, string][] = [
    [
      { status: 502, body: '<html>' },
      "Slack did not take the message: expected HTTP 200 ok, got 502 and a text that isn't Slack's",
    ],
    ['drop', 'The connection to Slack broke: UND_ERR_SOCKET'],
    ['hang', 'Slack did not answer within 10 s'],
  ];
  for (const [behaviour, words] of unanswered) {
    it(`leaves open whether the message arrived, so it isn’t repeated in this report: ${words}`, async () => {
      slack.behave(behaviour);
      const { posts } = slack.counts;
      await fails(`SlackUnavailable: ${words}; the message may have arrived`);
      assert.equal(slack.counts.posts, posts + 1);
    });
  }

  it('throttles (429) for as long as it says, then takes the message with all that it missed', async () => {
    slack.behave({ status: 429, body: 'ratelimited', retryAfter: '2' }, 'well');
    const began = Date.now();
    const { slack: outcome, news } = await report(polo);
    assert.ok(Date.now() - began >= 2_000);
    assert.equal(outcome, 'told');
    assert.equal(namedIn(slack.messages[0]).length, news.newGaps);
    const message = slack.take();
    assert.match(wordsOf(message), /Slack could not be told since .*the message may have arrived/);
    assert.match(wordsOf(message), /The weekly digest of .* was not delivered\. Start weeklyDigest to get it\./);
    assert.equal((await coverage()).slackFailure, undefined);
  });

  it('did not take a digest: the next report says so, and how to get it', async () => {
    slack.behave({ status: 404, body: 'no_service' }, 'well');
    await polo.run('weeklyDigest', {});
    assert.match((await polo.cli('coverage')).stdout, /Slack did not get the weekly digest of \d{4}-\d\d-\d\d: /);
    assert.equal((await report(polo)).slack, 'told');
    const words = wordsOf(slack.take());
    assert.match(
      words,
      /The weekly digest of .* was not delivered \(SlackRejected: .*\)\. Start weeklyDigest to get it\./,
    );
    assert.doesNotMatch(words, /all that changed/);
    assert.equal((await report(polo)).slack, 'no_news');
  });

  it('is told that it is reached again, if nothing else is new', async () => {
    await newAccount(polo);
    await polo.discover();
    slack.behave({ status: 404, body: 'no_service' }, 'well');
    assert.equal((await report(polo)).slack, 'failed');
    const [gap = ''] = (await coverage()).gaps.map((one) => one.account_id).slice(-1);
    await polo.run('excludeAccount', { accountId: gap, reason: 'test', by: 'kim' });
    assert.equal((await report(polo)).slack, 'told');
    slack.take();
    assert.equal((await report(polo)).slack, 'no_news');
  });

  it('never shows the webhook’s or the heartbeat’s URL: not in logs, histories, events or what the command line says', async () => {
    slack.behave({ status: 404 });
    await newAccount(polo);
    await polo.discover();
    await report(polo);
    const secrets = new RegExp(`${WEBHOOK_SECRET}|${HEARTBEAT_SECRET}|B00000000`);
    assert.doesNotMatch(await polo.logs(), secrets);
    assert.doesNotMatch(outputs.join('\n'), secrets);
    assert.doesNotMatch(JSON.stringify(await polo.history()), secrets);
    const types = new Set<string>();
    for await (const { workflow, history } of histories(polo.client)) {
      types.add(workflow.type);
      for (const text of textsIn(history)) assert.doesNotMatch(text, secrets);
    }
    assert.ok(types.has('reportCoverage') && types.has('weeklyDigest'));
  });
});

describe('a worker that is killed while it tells Slack', function () {
  this.timeout(240_000);

  it('repeats the message once at most, and loses nothing', async () => {
    const slack = await startSlack();
    const polo = await startPolo({ accounts: 6, worker: false, env: slackEnvironment(slack) });
    try {
      const worker = await polo.startWorker();
      await polo.discover();
      let killed = false;
      slack.onTaken(async () => {
        if (!killed) await worker.signal('SIGKILL');
        killed = true;
      });
      const result = report(polo);
      await worker.ended;
      await polo.startWorker();
      assert.equal((await result).slack, 'told');
      assert.ok(slack.messages.length <= 2, `${String(slack.messages.length)} messages`);
      assert.ok(slack.messages.every((message) => namedIn(message).length === namedIn(slack.messages[0]).length));
      const posts = slack.messages.length;
      assert.equal((await report(polo)).slack, 'no_news');
      assert.equal(slack.messages.length, posts);
    } finally {
      await polo.stop();
      await slack.close();
    }
  });
});

describe('a worker that is killed after it told Slack, before it could record that', function () {
  this.timeout(240_000);

  it('does not repeat the message, and loses nothing', async () => {
    const slack = await startSlack();
    const polo = await startPoloOnServer({ accounts: 6, worker: false, env: slackEnvironment(slack) });
    try {
      const worker = await polo.startWorker();
      await polo.discover();
      slack.onTaken(() => polo.clickhouse.kill());
      const result = report(polo);
      const run = polo.client.workflow.getHandle(REPORT_WORKFLOW_ID);
      await until(async () => {
        const { events } = await run.fetchHistory().catch(() => ({ events: [] }));
        return events?.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'recordTold');
      });
      await worker.signal('SIGKILL');
      await polo.clickhouse.start();
      await polo.startWorker();
      const { slack: outcome, news } = await result;
      assert.deepEqual([outcome, slack.messages.length], ['told', 1]);
      assert.equal(namedIn(slack.messages[0]).length, news.newGaps);
      assert.equal((await report(polo)).slack, 'no_news');
      assert.equal(slack.counts.posts, 1);
    } finally {
      await polo.stop();
      await slack.close();
    }
  });
});

describe('a worker without a Slack', function () {
  this.timeout(120_000);

  it('reports all the same, records nothing as told, and knows a dead man’s switch that fails', async () => {
    const polo = await startPolo({ accounts: 6, env: { POLO_HEARTBEAT_URL: 'http://127.0.0.1:1/' } });
    try {
      await polo.discover();
      const first = await report(polo);
      assert.deepEqual([first.slack, first.heartbeat, first.status], ['not_configured', 'failed', 'gaps']);
      assert.ok(first.news.newGaps > 0);
      const again = await polo.run<ReportCoverageResult>('reportCoverage');
      assert.deepEqual(again.news, first.news);
      assert.deepEqual(
        (await polo.history()).filter(({ kind }) => kind.startsWith('slack_')),
        [],
      );
      assert.match((await polo.run<WeeklyDigestResult>('weeklyDigest')).text, /accounts are not covered/);
    } finally {
      await polo.stop();
    }
  });
});

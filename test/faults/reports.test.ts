/** Reports on coverage as an operator gets them (design 5 and 6): only what is new, once, in one message. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportCoverageResult, SlackMessage, WeeklyDigestResult } from '../../domain/contract.ts';
import { startPoloOnServer, type PoloOnServer } from '../support/discovery.ts';
import { inLanes } from '../support/lanes.ts';
import { newAccount } from '../support/onboarding.ts';
import { idsIn, namedIn, recordScans, report, slackEnvironment, wordsOf } from '../support/reports.ts';
import { startSlack, type SlackServer } from '../support/slack.ts';

const WORKS = { read: 'works', action: 'works' };
const REFUSED = { read: 'refused', action: 'refused' };
const NO_NEWS = { newGaps: 0, recovered: 0, noLongerCounted: 0, newAccounts: 0 };
const PAGE = 'https://polo.example.com/accounts';

describe('a report on coverage', function () {
  this.timeout(240_000);
  let polo: PoloOnServer;
  let slack: SlackServer;
  before(async () => {
    slack = await startSlack();
    polo = await startPoloOnServer({ env: { ...slackEnvironment(slack), POLO_STATUS_URL: `${PAGE}/` } });
  });
  after(async () => {
    await polo.stop();
    await slack.close();
  });

  /** Reports; the one message that it sent. */
  const toldBy = async (): Promise<{ result: ReportCoverageResult; message: SlackMessage | undefined }> => {
    const result = await report(polo);
    assert.equal(result.slack, slack.messages.length > 0 ? 'told' : 'no_news', JSON.stringify(result));
    assert.ok(slack.messages.length <= 1, 'one message at most');
    return { result, message: slack.take() };
  };
  const titleOf = (message: SlackMessage | undefined): string => message?.blocks[0]?.text.text ?? '';

  it('says before the first discovery that there was none, and withholds the heartbeat', async () => {
    const { result, message } = await toldBy();
    assert.deepEqual([result.status, result.heartbeat, result.total], ['never_ran', 'withheld', 0]);
    assert.match(wordsOf(message), /^Polo tells here from now on .*\nNo discovery has ever completed, so nobody knows/);
    assert.equal(slack.counts.beats, 0);
    assert.equal((await toldBy()).message, undefined);
  });

  it('says once that the first discovery is complete, with all gaps, and calls the dead man’s switch', async () => {
    assert.equal((await polo.discover()).complete, true);
    const gaps = [...(await idsIn(polo, 'no_access')), ...(await idsIn(polo, 'pending_setup'))];
    const { result, message } = await toldBy();
    assert.deepEqual(result.news, { ...NO_NEWS, newGaps: gaps.length });
    assert.match(titleOf(message), /^AWS accounts: the first discovery is complete, 7 new gaps$/);
    assert.deepEqual(namedIn(message).sort(), gaps.sort());
    assert.match(wordsOf(message), /Next: polo-accounts onboard \d{12}/);
    assert.match(wordsOf(message), /<https:\/\/polo\.example\.com\/accounts\|/);
    assert.deepEqual([result.heartbeat, slack.counts.beats], ['sent', 1]);
  });

  it('says nothing while nothing changes, however often it runs', async () => {
    await recordScans(polo, await idsIn(polo, 'active'));
    for (let hour = 0; hour < 6; hour++) {
      const { result, message } = await toldBy();
      assert.deepEqual([message, result.news, result.heartbeat], [undefined, NO_NEWS, 'sent']);
    }
  });

  it('says that an account is covered again, once it has been scanned', async () => {
    const [accountId = ''] = await idsIn(polo, 'pending_setup');
    await polo.change(accountId, { roles: WORKS });
    await polo.run('verifyAccount', { accountId });
    assert.equal((await toldBy()).message, undefined, 'it has access, and was not scanned yet');
    await recordScans(polo, [accountId]);
    const { message } = await toldBy();
    assert.equal(titleOf(message), 'AWS accounts: 1 covered again');
    assert.deepEqual(namedIn(message), [accountId]);
    assert.doesNotMatch(wordsOf(message), /Covered again[^*]*\n.*Next:/, 'no advice where none is needed');
    assert.equal((await toldBy()).message, undefined);
  });

  it('says that an excluded account no longer counts, and verifies it when the exclusion has ended', async () => {
    const [accountId = ''] = await idsIn(polo, 'no_access');
    const until = new Date(Date.now() + 2_000).toISOString();
    await polo.run('excludeAccount', { accountId, reason: 'moves *out*', until, by: 'kim' });
    const { message } = await toldBy();
    assert.equal(titleOf(message), 'AWS accounts: 1 no longer counted');
    assert.match(wordsOf(message), /\): excluded by kim: moves ∗out∗$/m);
    await sleep(2_500);
    const { result, message: again } = await toldBy();
    assert.equal(result.exclusionsEnded, 1);
    assert.deepEqual([titleOf(again), namedIn(again)], ['AWS accounts: 1 new gap', [accountId]]);
    assert.equal((await polo.account(accountId)).polo_status, 'no_access');
    assert.equal((await report(polo)).exclusionsEnded, 0);
  });

  it('names an account that is new and a gap once, and one that is new and seen as new', async () => {
    const gap = await newAccount(polo, { name: 'half-built' });
    const seen = await newAccount(polo, { name: 'well-built', roles: WORKS, ou: '/Workloads' });
    await polo.discover();
    const { result, message } = await toldBy();
    assert.deepEqual(result.news, { ...NO_NEWS, newGaps: 1, newAccounts: 1 });
    assert.deepEqual(namedIn(message), [gap, seen]);
    assert.match(wordsOf(message), /\*half-built\* \(\d+\): new account, not set up for less than a minute/);
    assert.match(wordsOf(message), /\*well-built\* \(\d+\): active, in \/Workloads/);
  });

  it('posts once where several runs are started at the same time', async () => {
    await newAccount(polo);
    await polo.discover();
    slack.onTaken(() => sleep(500));
    const { messages } = slack;
    const results = await Promise.all([report(polo), report(polo), report(polo)]);
    slack.onTaken(() => undefined);
    assert.equal(messages.length, 1);
    assert.ok(results.some((result) => result.slack === 'told'));
    slack.take();
  });

  it('suspects Polo’s own role first where half of the accounts are lost at once', async () => {
    const active = await idsIn(polo, 'active');
    const lost = active.slice(0, Math.ceil(active.length / 2));
    await inLanes(
      10,
      lost.map((id) => async () => {
        await polo.change(id, { roles: REFUSED });
      }),
    );
    await polo.discover({ accountIds: lost });
    const { message } = await toldBy();
    const title = `Probably Polo's own role or ExternalId: ${String(lost.length)} of ${String(active.length)} active`;
    assert.ok(titleOf(message).startsWith(title), titleOf(message));
    assert.match(wordsOf(message), /POLO_EXTERNAL_ID .*operations\/failures\.md#hub-refused/);
    assert.ok(namedIn(message).every((id) => lost.includes(id)));
  });

  it('says that the list itself is old, withholds the heartbeat, and says when the list is up to date again', async () => {
    const events = 'polo.aws_account_events';
    const old = Date.now() - 27 * 3_600_000;
    const [completed = ''] = await polo.database.readLines(
      events,
      `SELECT * FROM ${events} WHERE kind = 'discovery_completed' LIMIT 1`,
    );
    await polo.database.run(
      'forget',
      `ALTER TABLE ${events} DELETE WHERE kind = 'discovery_completed' SETTINGS mutations_sync = 2`,
    );
    const aged = { ...(JSON.parse(completed) as object), at: old };
    await polo.database.insert('aws_account_events', Object.keys(aged), [JSON.stringify(aged)]);
    const beats = slack.counts.beats;
    const { result, message } = await toldBy();
    assert.deepEqual([result.status, result.heartbeat, slack.counts.beats], ['discovery_stale', 'withheld', beats]);
    assert.equal(titleOf(message), 'AWS accounts: the account list is 27 h old');
    assert.match(wordsOf(message), /The account list itself is 27 h old/);
    assert.equal((await toldBy()).message, undefined);
    await polo.discover();
    assert.equal(titleOf((await toldBy()).message), 'AWS accounts: the account list is up to date again');
  });

  it('writes a digest of the week, and posts it', async () => {
    const digest = await polo.run<WeeklyDigestResult>('weeklyDigest', {});
    assert.deepEqual(slack.take(), digest);
    assert.match(wordsOf(digest), /^AWS accounts: the week\n\d+ of \d+ accounts are not covered/);
    assert.match(wordsOf(digest), /\*Last 7 days\*\n• 2\d new accounts: .*and 2\d more\n• \d+ lost: /);
    assert.equal(namedIn(digest).length, 10);
  });

  it('leaves the post of a digest to whoever asks for it without', async () => {
    const digest = await polo.run<WeeklyDigestResult>('weeklyDigest', { post: false });
    assert.ok(digest.blocks.length > 3);
    assert.equal(slack.take(), undefined);
  });

  it('tells of 200 new gaps in one message that names ten', async () => {
    const [row] = await polo.accounts();
    const now = Date.now();
    const rows = Array.from({ length: 200 }, (_, index) => ({
      ...row,
      account_id: `9990000${String(index).padStart(5, '0')}`,
      account_name: `acquired-${String(index)}`,
      polo_status: 'pending_setup',
      last_scan_error: 'roles not deployed',
      last_successful_scan: 0,
      discovered_at: now,
      updated_at: now,
    }));
    await polo.database.insert(
      'aws_accounts',
      Object.keys(rows[0] ?? {}),
      rows.map((row) => JSON.stringify(row)),
    );
    const { result, message } = await toldBy();
    assert.equal(result.news.newGaps, 200);
    assert.equal(titleOf(message), 'AWS accounts: 200 new gaps');
    assert.equal(namedIn(message).length, 10);
    assert.match(wordsOf(message), /…and 190 more\n<https:\/\/polo\.example\.com\/accounts\|/);
    assert.equal((await toldBy()).message, undefined);
  });
});

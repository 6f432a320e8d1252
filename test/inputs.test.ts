import assert from 'node:assert/strict';
import { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../domain/contract.ts';
import { callCounts } from './support/discovery.ts';
import { startPolo, type Polo } from './support/polo.ts';

describe('what somebody types in the Temporal UI', function () {
  this.timeout(60_000);
  let polo: Polo;
  before(async () => {
    polo = await startPolo({ accounts: 3 });
  });
  after(() => polo.stop());

  const wrong: [type: string, input: unknown, words: RegExp][] = [
    ['discoverAccounts', 'abc', /input: expected object, got "abc"/],
    ['discoverAccounts', null, /input: expected object, got null/],
    ['discoverAccounts', { accountIds: ['12'] }, /accountIds\.0: expected the 12 digits .* got "12"/],
    ['discoverAccounts', { dryrun: true }, /unknown field "dryrun"/],
    ['verifyAccount', { accountId: 123456789012 }, /accountId: expected string, got 123456789012/],
    ['excludeAccount', { accountId: '000000000001', by: 'kim', reason: 'a\u0007b' }, /reason: .*control characters/],
    ['readRegistry', { what: 'coverage', status: 'active' }, /status: expected with accounts only/],
    ['onboardAccount', { accountId: '12' }, /accountId: expected the 12 digits .* got "12"/],
    ['onboardAccount', { accountID: '000000000001' }, /unknown field "accountID"/],
    ['onboardAccount', {}, /accountId: expected the 12 digits .* got nothing and the workflow id onboardAccount\//],
    ['onboardAccounts', {}, /expected exactly one of accountIds, orgUnit and allPending/],
    ['onboardAccounts', { allPending: true, orgUnit: '/' }, /expected exactly one of/],
    ['onboardAccounts', { orgUnit: 'Workloads' }, /orgUnit: expected the path .* got "Workloads"/],
    ['onboardAccounts', { accountIds: ['000000000001', 'x'] }, /accountIds\.1: expected the 12 digits .* got "x"/],
    ['onboardAccounts', { allPending: true, maxConcurrent: 101 }, /maxConcurrent: expected at most 100, got 101/],
    ['checkSetup', { only: 'StackSet' }, /unknown field "only"/],
    ['reportCoverage', { post: false }, /unknown field "post"/],
    ['weeklyDigest', { post: 'no' }, /post: expected boolean, got "no"/],
    ['discoverBatch', {}, /entries: expected array, got nothing/],
    ['readAccountTags', 'abc', /input: expected object, got "abc"/],
  ];
  for (const [type, input, words] of wrong) {
    it(`fails ${type} at once for ${JSON.stringify(input)}, in words`, async () => {
      await assert.rejects(polo.run(type, input), (error: Error) => {
        assert.match(error.message, /^InvalidInput: /);
        assert.match(error.message, words);
        return true;
      });
    });
  }

  it('fails an account workflow at once for a command that is none, and under an id that is none', async () => {
    const id = 'account/000000000001';
    await assert.rejects(
      polo.run('account', { kind: 'verify', id: 'x' }, id),
      /InvalidInput: account: origin: expected/,
    );
    await assert.rejects(polo.run('account', undefined, 'account/12'), /InvalidInput: .*account\/<12 digits>/);
  });

  it('fails an onboarding at once under an id that names no account, or another one than the input', async () => {
    const input = { accountId: '000000000001' };
    const wrong: [id: string, input: object | undefined, words: RegExp][] = [
      ['onboard/12', undefined, /got nothing and the workflow id onboard\/12$/],
      ['onboard/000000000002', input, /got 000000000001 and the workflow id onboard\/000000000002$/],
      ['onboard/12', input, /got 000000000001 and the workflow id onboard\/12$/],
    ];
    for (const [id, given, words] of wrong) {
      await assert.rejects(polo.run('onboardAccount', given, id), (error: Error) => {
        assert.match(error.message, /^InvalidInput: onboardAccount: accountId: expected the 12 digits/);
        assert.match(error.message, words);
        return true;
      });
    }
  });

  it('deploys nothing for any of this', async () => {
    assert.equal((await callCounts(polo))['cloudformation.CreateStackInstances'], undefined);
  });

  it('fails at once for an input that it cannot read, such as an encrypted one', async () => {
    const encrypt = { metadata: { encoding: new TextEncoder().encode('binary/encrypted') }, data: new Uint8Array([1]) };
    const codec = { encode: () => Promise.resolve([encrypt]), decode: (payloads: []) => Promise.resolve(payloads) };
    const { connection, namespace } = polo;
    const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [codec] } });
    const started = client.workflow.execute('verifyAccount', {
      taskQueue: TASK_QUEUE,
      workflowId: 'encrypted',
      args: [{ accountId: '000000000001' }],
    });
    await assert.rejects(started, (error: Error & { cause?: Error }) => {
      assert.match(error.cause?.message ?? '', /unknown field "unreadable"/);
      return true;
    });
  });

  it('discovers with no input and with an empty one', async () => {
    assert.equal((await polo.discover()).complete, true);
    assert.equal((await polo.discover({})).complete, true);
  });
});

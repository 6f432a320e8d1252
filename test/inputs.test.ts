import assert from 'node:assert/strict';
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

  it('discovers with no input and with an empty one', async () => {
    assert.equal((await polo.discover()).complete, true);
    assert.equal((await polo.discover({})).complete, true);
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isAccountId, label, nextVersion, withoutLabel } from '../../../domain/account.ts';
import { accountWorkflowId, onboardWorkflowId } from '../../../domain/contract.ts';
import { readRoleName, roleArn, stackSetName, workerRoleName } from '../../../domain/names.ts';

describe('account', () => {
  it('takes twelve digits for an account id, leading zeros included', () => {
    assert.ok(isAccountId('000000000001'));
    assert.ok(isAccountId('123456789012'));
  });

  for (const [what, text] of Object.entries({
    'eleven digits': '12345678901',
    'thirteen digits': '1234567890123',
    'a letter': '12345678901x',
    'a sign': '-12345678901',
    'a space before': ' 123456789012',
    'a line end after': '123456789012\n',
    'digits of another script': '١٢٣٤٥٦٧٨٩٠١٢',
    nothing: '',
  })) {
    it(`refuses ${what} as an account id`, () => {
      assert.equal(isAccountId(text), false);
    });
  }

  it('names an account by name and id, in whatever script', () => {
    assert.equal(label({ account_id: '012345678901', account_name: 'bücher-日本' }), 'bücher-日本 (012345678901)');
  });

  it('names an account without a name by its id', () => {
    assert.equal(label({ account_id: '012345678901', account_name: '' }), '012345678901');
  });

  it('does not repeat the name where a message begins with it', () => {
    const named = 'payments (012345678901)';
    assert.equal(withoutLabel(`${named}: throttled`, named), 'throttled');
    assert.equal(withoutLabel(`${named} is excluded`, named), 'is excluded');
    assert.equal(withoutLabel('throttled', named), 'throttled');
  });

  it('versions a first write by the clock', () => {
    assert.equal(nextVersion(1_790_000_000_000, undefined), '1790000000000');
  });

  it('raises the version at each write, however the clocks of workers differ', () => {
    const clock = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(fc.array(clock, { minLength: 2 }), (clocks) => {
        let previous: string | undefined;
        for (const now of clocks) {
          const version = nextVersion(now, previous);
          assert.match(version, /^\d+$/);
          assert.ok(BigInt(version) >= BigInt(now));
          if (previous !== undefined) assert.ok(BigInt(version) > BigInt(previous));
          previous = version;
        }
      }),
    );
  });

  it('keeps leading zeros in workflow ids and role ARNs', () => {
    assert.equal(accountWorkflowId('000000000001'), 'account/000000000001');
    assert.equal(onboardWorkflowId('000000000001'), 'onboard/000000000001');
    assert.equal(
      roleArn('aws-us-gov', '000000000001', readRoleName('production')),
      'arn:aws-us-gov:iam::000000000001:role/production-PoloReadRole',
    );
  });

  it('names StackSet and worker role after the environment', () => {
    assert.equal(stackSetName('staging'), 'staging-polo-roles');
    assert.equal(workerRoleName('staging'), 'staging-polo-worker');
  });
});

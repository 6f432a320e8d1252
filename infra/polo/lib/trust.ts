/** Whom the roles trust. */
import {
  ACTION_ROLE_NAME,
  organizationRoleName,
  readRoleName,
  roleArn,
  workerRoleName,
} from '../../../domain/names.ts';
import { policyOf, type Policy, type TrustStatement } from './policies.ts';
import type { Settings } from './settings.ts';

/** ARN of the role that the worker runs as. */
export const workerRoleArn = ({ partition, hubAccountId, env }: Settings): string =>
  roleArn(partition, hubAccountId, workerRoleName(env));

/** ARNs of the roles that the worker assumes; `*` stands for the account. */
export const assumedRoleArns = ({ partition, env, ownsActionRole }: Settings): string[] =>
  [readRoleName(env), ...(ownsActionRole ? [ACTION_ROLE_NAME] : []), organizationRoleName(env)].map((name) =>
    roleArn(partition, '*', name),
  );

/**
 * Trusts these roles of the hub account, and nobody else. The principal is the account and the roles stand in a condition:
 * IAM replaces a role's ARN in `Principal` by the id that this role has today, so a role that is made anew would be
 * refused everywhere. `aws:PrincipalArn` is the role's own ARN, also for its sessions.
 */
export const trustInHub = (settings: Settings, roleArns: string[]): Policy<TrustStatement> => {
  const { partition, hubAccountId, organizationId, externalId, formerExternalId } = settings;
  return policyOf({
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${hubAccountId}:root` },
    Action: 'sts:AssumeRole',
    Condition: {
      ArnEquals: { 'aws:PrincipalArn': roleArns },
      StringEquals: {
        'aws:PrincipalOrgID': organizationId,
        // While it is changed the roles take both.
        'sts:ExternalId': formerExternalId === undefined ? externalId : [externalId, formerExternalId],
      },
    },
  });
};

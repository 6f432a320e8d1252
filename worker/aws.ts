/** The AWS clients of a worker: one per service and one chain of credentials for all (facts: AWS, section D). */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { WorkerConfiguration } from '../configuration.ts';

/** Without these a call that AWS never answers is never given up. Milliseconds. */
const timeouts = (requestTimeout: number): object => ({
  connectionTimeout: 3_000,
  requestTimeout,
  throwOnRequestTimeout: true,
});

/** Verifications under way on one worker share the sockets to STS. */
const STS_SOCKETS = { maxSockets: 200 };

export interface AwsClients {
  organizations: OrganizationsClient;
  sts: STSClient;
  cloudFormation: CloudFormationClient;
  close: () => void;
}

/** STS runs as the worker itself; Organizations and CloudFormation as POLO_ORGANIZATION_ROLE_ARN where that is given. */
export const openAws = ({ awsRegion, organizationRoleArn, roles, stackSet }: WorkerConfiguration): AwsClients => {
  const own = fromNodeProviderChain({ clientConfig: { region: awsRegion } });
  const organization =
    organizationRoleArn === undefined
      ? own
      : fromTemporaryCredentials({
          masterCredentials: own,
          clientConfig: { region: awsRegion, requestHandler: timeouts(10_000) },
          params: {
            RoleArn: organizationRoleArn,
            RoleSessionName: 'polo-organization',
            ...(roles.externalId !== undefined && { ExternalId: roles.externalId }),
          },
        });
  const sts = new STSClient({
    region: awsRegion,
    credentials: own,
    maxAttempts: 3,
    requestHandler: { ...timeouts(5_000), httpAgent: STS_SOCKETS, httpsAgent: STS_SOCKETS },
  });
  const organizations = new OrganizationsClient({
    region: awsRegion,
    credentials: organization,
    maxAttempts: 5,
    requestHandler: timeouts(10_000),
  });
  const cloudFormation = new CloudFormationClient({
    region: stackSet.region,
    credentials: organization,
    maxAttempts: 4,
    requestHandler: timeouts(10_000),
  });
  const close = (): void => {
    for (const client of [organizations, sts, cloudFormation]) client.destroy();
  };
  return { organizations, sts, cloudFormation, close };
};

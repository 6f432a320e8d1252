/** AWS's refusals that every service has, each in the service's own spelling. */
import type { Caller } from './credentials.ts';
import { AwsError } from './protocol.ts';
import type { AwsCall, Service } from './protocol.ts';

/** The error for a call without a signature. */
export const missingCredentials = (service: Service): AwsError =>
  service === 'organizations'
    ? new AwsError('MissingAuthenticationTokenException', 400, 'Missing Authentication Token')
    : new AwsError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');

/** The error for credentials that AWS doesn't know. */
export const invalidCredentials = (service: Service): AwsError => {
  const message = 'The security token included in the request is invalid.';
  return service === 'organizations'
    ? new AwsError('UnrecognizedClientException', 400, message)
    : new AwsError('InvalidClientTokenId', 403, message);
};

/** The error for credentials that have expired. */
export const expiredCredentials = (service: Service): AwsError => {
  const message = 'The security token included in the request is expired';
  return service === 'organizations'
    ? new AwsError('ExpiredTokenException', 400, message)
    : new AwsError('ExpiredToken', 403, message);
};

/** The error for too many calls. */
export const throttled = (service: Service): AwsError =>
  service === 'organizations'
    ? new AwsError('TooManyRequestsException', 400, 'You have sent too many requests in too short a period of time.')
    : new AwsError('Throttling', 400, 'Rate exceeded');

/** The error for a call that IAM doesn't allow. */
export const accessDenied = ({ service, operation }: AwsCall, caller: Caller, resource: string): AwsError => {
  const message = `User: ${caller.arn} is not authorized to perform: ${service}:${operation} on resource: ${resource}`;
  return service === 'organizations'
    ? new AwsError('AccessDeniedException', 400, message)
    : new AwsError('AccessDenied', 403, message);
};
